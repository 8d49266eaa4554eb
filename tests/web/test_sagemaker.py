import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from sentigrade.web.sagemaker import execution_parameters

MIB = 1024 * 1024


def test_a_ping_is_answered_by_nothing_at_all(client: FlaskClient) -> None:
    response = client.get("/ping")
    assert (response.status_code, response.data) == (200, b"")


def test_before_the_warm_up_a_ping_says_to_come_back(scorer: Scorer) -> None:
    response = create_app([scorer], Settings()).test_client().get("/ping")
    assert (response.status_code, response.data) == (503, b"")
    assert response.headers["Retry-After"] == "1"


def test_while_a_model_is_missing_neither_ping_nor_invocations_succeed() -> None:
    app = create_app([None], Settings())
    app.extensions["sentigrade"].start()
    client = app.test_client()
    assert client.get("/ping").status_code == 503
    response = client.post("/invocations", json={"mytext": "A plot."})
    assert (response.status_code, (response.json or {})["type"]) == (503, "not_ready")


def test_batch_transform_is_told_how_to_call(client: FlaskClient) -> None:
    response = client.get("/execution-parameters")
    assert response.content_type == "application/json"
    assert response.json is not None
    assert response.json["BatchStrategy"] == "MULTI_RECORD"


@pytest.mark.parametrize(
    ("workers", "max_body_bytes", "transforms", "payload"),
    [
        (1, 6 * MIB, 1, 6),
        (8, 6 * MIB, 4, 6),
        (256, 6 * MIB, 16, 6),
        (256, 7 * MIB - 1, 16, 6),
        (8, 1000, 4, 1),
        (256, 1000, 100, 1),
        (256, 1024 * MIB, 1, 100),
        (256, 60 * MIB, 1, 60),
    ],
)
def test_the_product_of_the_parameters_is_never_more_than_sagemaker_allows(
    workers: int, max_body_bytes: int, transforms: int, payload: int
) -> None:
    found = execution_parameters(Settings(workers=workers, max_body_bytes=max_body_bytes))
    assert (found["MaxConcurrentTransforms"], found["MaxPayloadInMB"]) == (min(transforms, workers), payload)
    assert found["MaxConcurrentTransforms"] * found["MaxPayloadInMB"] <= 100


@pytest.mark.parametrize(("method", "path"), [("POST", "/ping"), ("GET", "/invocations"), ("PUT", "/invocations")])
def test_a_wrong_method_is_refused_in_the_shape_of_the_protocol(client: FlaskClient, method: str, path: str) -> None:
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert (response.json or {}).keys() == {"code", "type", "message"}
