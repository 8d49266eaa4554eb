"""What callers and probes hear of a model whose endpoint fails."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sentigrade.errors import EndpointError
from sentigrade.labels import make_labels
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint
from sentigrade.web.app import create_app
from tests.endpoint_server import REGION, EndpointServer, Said, endpoint_server, nonsense, refusal
from tests.environment import set_variables
from tests.web.reference.validating import document_of, is_valid, resolved

CALLERS_TEXT = "nobody-may-read-this"
ROWS_IN_A_BLOCK = 3
LONG_TEXT = "a" * 90_000  # so many of them are a block
UNREACHABLE, FAILED = "endpoint_unreachable", "endpoint_failed"
AWAY = refusal(429, "ModelNotReadyException")
ODD = nonsense([{"label": [f"__label__{CALLERS_TEXT}"], "prob": [1.0]}])
DOORS = {
    "/": {"mytext": CALLERS_TEXT},
    "/v1/predict": {"mytext": [CALLERS_TEXT, "A film."]},
    "/v2/models/topics/infer": {
        "inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [CALLERS_TEXT]}]
    },
    "/invocations": {"instances": [CALLERS_TEXT]},
}


def sports(body: bytes) -> bytes:
    texts = len(json.loads(body)["instances"])
    return json.dumps([{"label": ["__label__sports"], "prob": [1.0]}] * texts).encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointServer]:
    with endpoint_server(sports) as running:
        set_variables(monkeypatch, running.environ)
        yield running


@pytest.fixture
def app(server: EndpointServer, tmp_path: Path) -> Flask:
    """A service of an endpoint, not started yet."""
    assert server.port
    labels = make_labels(["World", "Sports"], ordered=False)
    adopt_endpoint(EndpointAdoption("topics", "topics", REGION, labels), tmp_path)
    return create_app([Scorer(load_model(tmp_path), max_characters=100_000, max_seconds=20)], Settings())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.extensions["sentigrade"].start()
    return app.test_client()


@pytest.mark.parametrize("path", DOORS)
def test_every_door_is_answered_by_the_endpoint(client: FlaskClient, path: str) -> None:
    response = client.post(path, json=DOORS[path])
    assert response.status_code == 200
    assert "sports" in response.text.lower()


@pytest.mark.parametrize(
    ("trouble", "status", "code"), [(AWAY, 503, UNREACHABLE), (ODD, 502, FAILED)], ids=["away", "odd"]
)
@pytest.mark.parametrize("path", DOORS)
def test_its_failure_is_a_failure_in_the_shape_of_the_door_and_documented(  # noqa: PLR0917 - fixtures
    client: FlaskClient,
    server: EndpointServer,
    path: str,
    trouble: Said,
    status: int,
    code: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.always = trouble
    response = client.post(path, json=DOORS[path])
    assert (response.status_code, response.headers.get("Retry-After")) == (status, "2" if status == 503 else None)
    told = response.json or {}
    assert told.get("code" if path in ("/", "/v1/predict") else "type", code) == code
    assert "The endpoint that classifies for this model does not answer" in response.text
    document = document_of(client)
    template = path.replace("topics", "{name}")
    responses = document["paths"][template]["post"]["responses"]
    described = resolved(document, responses["503" if status == 503 else "5XX"])
    assert is_valid(document, described["content"][response.content_type]["schema"], told)
    (logged,) = [record.__dict__["fields"] for record in caplog.records if record.message == "endpoint failed"]
    assert f"the endpoint topics in {REGION}" in logged["reason"]
    for private in (CALLERS_TEXT, REGION):
        assert private not in response.text
    assert CALLERS_TEXT not in logged["reason"] + caplog.text


@pytest.mark.parametrize("trouble", [AWAY, ODD], ids=["away", "odd"])
def test_page_and_reference_go_without_its_answers(client: FlaskClient, server: EndpointServer, trouble: Said) -> None:
    server.always = trouble
    assert client.get("/").status_code == 200
    content = document_of(client)["paths"]["/"]["post"]["responses"]["200"]["content"]
    assert "examples" not in content["application/json"]


class TestRows:
    def test_that_it_cannot_answer_at_all_are_a_failure(self, client: FlaskClient, server: EndpointServer) -> None:
        server.always = AWAY
        response = client.post("/v1/predict", data="a film\n", content_type="text/plain")
        assert (response.status_code, (response.json or {})["code"]) == (503, UNREACHABLE)

    def test_at_which_it_fails_are_error_rows_and_the_others_stand(
        self, client: FlaskClient, server: EndpointServer
    ) -> None:
        server.troubles.extend([None, AWAY, None, ODD, AWAY])
        response = client.post("/v1/predict", data=f"{LONG_TEXT}\n" * 5 * ROWS_IN_A_BLOCK, content_type="text/plain")
        assert response.status_code == 200
        rows = list(map(json.loads, response.text.splitlines()))
        assert [row.get("label") or row["error"]["code"] for row in rows[::ROWS_IN_A_BLOCK]] == [
            "Sports",
            UNREACHABLE,
            "Sports",
            FAILED,
            UNREACHABLE,
        ]
        errors = [row["error"] for row in rows if "error" in row]
        assert [error["row"] for error in errors] == [3, 4, 5, 9, 10, 11, 12, 13, 14]
        assert all(error["detail"].endswith(".") for error in errors)

    def test_break_off_when_it_fails_again_and_again(self, client: FlaskClient, server: EndpointServer) -> None:
        server.troubles.extend([None, AWAY, AWAY, AWAY])
        body = f"{LONG_TEXT}\n" * 5 * ROWS_IN_A_BLOCK
        response = client.post("/v1/predict", data=body, content_type="text/plain", buffered=False)
        lines: list[bytes] = []
        with pytest.raises(EndpointError):
            lines.extend(response.iter_encoded())
        assert sum(line.count(b"\n") for line in lines) == 3 * ROWS_IN_A_BLOCK
        response.close()


def test_a_service_whose_endpoint_is_away_is_alive_and_ready_once_it_comes_back(
    app: Flask, server: EndpointServer, caplog: pytest.LogCaptureFixture
) -> None:
    service, client = app.extensions["sentigrade"], app.test_client()
    server.stop()
    for _ in range(2):
        service.start()
    assert client.get("/health/live").status_code == 200
    response = client.get("/health/ready")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert "an endpoint that classifies does not answer; the log says why" in response.text
    (record,) = caplog.records
    assert record.__dict__["fields"]["reason"].startswith(f"the endpoint topics in {REGION} cannot be reached")
    server.start()
    service.start()
    assert service.endpoint_fault is None
    assert client.get("/health/ready").status_code == 200
