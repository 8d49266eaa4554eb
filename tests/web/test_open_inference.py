import gzip
import json
from importlib.metadata import version as version_of
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from sentigrade.calibration import Calibration
from sentigrade.labels import Label, LabelSet
from sentigrade.model import Model
from sentigrade.places import MISSING, Place, write_places
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app

INFER = "/v2/models/sentiment/infer"
TEXTS = ["A brilliant plot.", "A dreadful plot.", "", "A plain, usual film."]


def question(*texts: str, **others: object) -> dict[str, Any]:
    tensor = {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)}
    return {"inputs": [tensor], **others}


def outputs(response: TestResponse) -> dict[str, dict[str, Any]]:
    """The outputs of an answer, by name."""
    assert response.status_code == 200, response.text
    return {output["name"]: output for output in json.loads(response.data)["outputs"]}


def error(response: TestResponse) -> str:
    """What is wrong, in the protocol's shape and no other."""
    assert response.content_type == "application/json"
    assert list(response.json or {}) == ["error"]
    return str((response.json or {})["error"])


@pytest.mark.parametrize("path", [INFER, "/v2/models/sentiment/versions/1/infer"])
def test_texts_are_answered_as_by_our_own_path(client: FlaskClient, path: str) -> None:
    own = json.loads(client.post("/v1/predict", json={"mytext": TEXTS, "scores": True}).data)["answers"]
    names = ["label", "level", "polarity", "probabilities", "scores"]
    response = client.post(path, json=question(*TEXTS, outputs=[{"name": name} for name in names]))
    got = outputs(response)
    assert list(got) == names
    for name in ("label", "level", "polarity"):
        assert got[name]["data"] == [answer[name] for answer in own]
    for name in ("probabilities", "scores"):
        assert got[name]["data"] == [value for answer in own for value in answer[name].values()]
    assert response.content_type == "application/json"


def test_the_usual_outputs_come_without_an_id_for_those_who_sent_none(client: FlaskClient) -> None:
    response = client.post(INFER, json=question("A brilliant plot."))
    assert list(response.json or {}) == ["model_name", "model_version", "outputs"]
    assert ((response.json or {})["model_name"], (response.json or {})["model_version"]) == ("sentiment", "1")
    assert list(outputs(response)) == ["label", "level", "polarity", "probabilities"]


def test_the_id_comes_back_in_the_json_alone(client: FlaskClient) -> None:
    odd = 'a "b"\r\nX-Evil: é😀'
    response = client.post(INFER, json=question("A plot.", id=odd))
    assert (response.json or {})["id"] == odd
    assert "Evil" not in str(response.headers)


def test_no_more_texts_are_taken_than_the_setting_says(scorer: Scorer) -> None:
    client = create_app([scorer], Settings(max_texts=2)).test_client()
    assert client.post(INFER, json=question("a", "b")).status_code == 200
    response = client.post(INFER, json=question("a", "b", "c"))
    assert response.status_code == 400
    assert error(response) == "data holds 3 texts; send 1 to 2. (at /inputs/0/data)"


@pytest.mark.parametrize(("text", "advice"), [("x" * 2000, "or split it"), ("a\0b", "NUL character; remove it")])
def test_one_text_that_cannot_be_classified_refuses_all_and_is_pointed_at(
    client: FlaskClient, text: str, advice: str
) -> None:
    response = client.post(INFER, json=question("A plot.", "A film.", text))
    assert response.status_code == 400
    assert advice in error(response)
    assert error(response).endswith("(at /inputs/0/data/2)")


@pytest.mark.parametrize("content_type", [None, "application/json", "application/json; charset=utf-8"])
def test_the_content_type_is_json_or_left_out(client: FlaskClient, content_type: str | None) -> None:
    body = json.dumps(question("A brilliant plot.")).encode()
    assert outputs(client.post(INFER, data=body, content_type=content_type))["label"]["data"] == ["Positive"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"]
)
def test_another_content_type_is_refused(client: FlaskClient, content_type: str) -> None:
    response = client.post(INFER, data=json.dumps(question("A plot.")), content_type=content_type)
    assert response.status_code == 415
    assert "Content-Type: application/json" in error(response)


def test_a_compressed_body_is_refused(client: FlaskClient) -> None:
    body = gzip.compress(json.dumps(question("A plot.")).encode())
    response = client.post(INFER, data=body, headers={"Content-Encoding": "gzip"})
    assert response.status_code == 415
    assert "without Content-Encoding" in error(response)


def test_binary_tensors_are_refused_with_what_to_do(client: FlaskClient) -> None:
    head = json.dumps(question()).encode()
    response = client.post(
        INFER,
        data=head + b"\x01\x00\x00\x00a",
        content_type="application/octet-stream",
        headers={"Inference-Header-Content-Length": str(len(head))},
    )
    assert response.status_code == 400
    assert "binary_data=False" in error(response)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "must be an object"),
        (json.dumps(question("A plot.", id=7)).encode(), "id must be a string; the answer carries the same. (at /id)"),
        (json.dumps(question("A plot.", outputs=[{"name": "mood"}])).encode(), "label, level, polarity, prob"),
    ],
)
def test_a_bad_request_is_a_400_that_says_why(client: FlaskClient, body: bytes, reason: str) -> None:
    response = client.post(INFER, data=body, content_type="application/json")
    assert response.status_code == 400
    assert reason in error(response)


def test_a_body_that_is_too_large_is_refused_in_the_same_shape(client: FlaskClient) -> None:
    response = client.post(INFER, json=question("x" * 60_000))
    assert response.status_code == 413
    assert "fewer texts" in error(response)


@pytest.mark.parametrize(
    "path", ["/v2/models/oracle", "/v2/models/sentiment/versions/2", "/v2/models/sentiment/versions/x"]
)
def test_a_model_or_version_that_is_not_served_is_not_found(client: FlaskClient, path: str) -> None:
    for response in (client.get(path), client.get(f"{path}/ready"), client.post(f"{path}/infer", json=question("a"))):
        assert response.status_code == 404
        assert "served" in error(response)
        assert "(at" not in error(response)


def test_what_the_protocol_adds_elsewhere_is_not_found(client: FlaskClient) -> None:
    assert client.post("/v2/repository/index").status_code == 404
    assert client.get(INFER).status_code == 405
    assert "Allow header" in error(client.get(INFER))


def test_the_server_says_who_it_is(client: FlaskClient) -> None:
    assert client.get("/v2").json == {"name": "sentigrade", "version": version_of("sentigrade"), "extensions": []}


@pytest.mark.parametrize("path", ["/v2/models/sentiment", "/v2/models/sentiment/versions/1"])
def test_a_model_says_what_it_takes_and_gives(client: FlaskClient, path: str, model: Model) -> None:
    described = client.get(path).json or {}
    assert described["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    probabilities = described["outputs"][3]
    assert probabilities["parameters"]["labels"] == list(model.manifest.labels.names)
    given = outputs(client.post(INFER, json=question("A plot.", outputs=[{"name": "probabilities"}])))
    assert given["probabilities"]["shape"] == [1, 5]


def test_live_always_and_ready_after_the_warm_up(scorer: Scorer) -> None:
    app = create_app([scorer], Settings())
    client = app.test_client()
    assert client.get("/v2/health/live").json == {"live": True}
    for path, state in (
        ("/v2/health/ready", {"ready": False}),
        ("/v2/models/sentiment/ready", {"name": "sentiment", "ready": False}),
    ):
        response = client.get(path)
        assert (response.status_code, response.json) == (503, state)
        assert response.headers["Retry-After"] == "1"
    app.extensions["sentigrade"].start()
    assert client.get("/v2/health/ready").json == {"ready": True}
    for path in ("/v2/models/sentiment/ready", "/v2/models/sentiment/versions/1/ready"):
        response = client.get(path)
        assert (response.status_code, response.json) == (200, {"name": "sentiment", "ready": True})


class TestWithAModelMissing:
    @pytest.fixture
    def client(self, scorer: Scorer, tmp_path: Path) -> FlaskClient:
        places = tmp_path / "places.json"
        write_places(
            places,
            [
                Place(reference="sentiment", name="sentiment", folder="somewhere", digest="0" * 64),
                Place(reference="topics", name="topics", notice=MISSING),
            ],
        )
        app = create_app([scorer, None], Settings(), places)
        app.extensions["sentigrade"].start()
        return app.test_client()

    def test_it_is_not_ready_and_neither_is_the_server(self, client: FlaskClient) -> None:
        response = client.get("/v2/models/topics/ready")
        assert (response.status_code, response.json) == (503, {"name": "topics", "ready": False})
        assert client.get("/v2/health/ready").status_code == 503

    def test_asking_it_is_to_be_tried_again(self, client: FlaskClient) -> None:
        response = client.post("/v2/models/topics/infer", json=question("A plot."))
        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
        assert error(response).startswith("Not ready: topics")

    def test_the_others_are_ready_and_answer(self, client: FlaskClient) -> None:
        assert client.get("/v2/models/sentiment/ready").json == {"name": "sentiment", "ready": True}
        assert client.post(INFER, json=question("A plot.")).status_code == 200

    def test_one_that_was_never_asked_for_is_not_found(self, client: FlaskClient) -> None:
        for response in (client.get("/v2/models/oracle/ready"), client.get("/v2/models/oracle")):
            assert response.status_code == 404
            assert "no such model" in error(response)


def test_a_model_of_many_labels_says_which_apply(model: Model) -> None:
    names = ("Bleak", "Weak", "Plain", "Nice", "Bright")
    labels = LabelSet(
        kind="multilabel", items=tuple(Label(id=name.lower(), name=name, threshold=0.5) for name in names)
    )
    alone = Calibration(
        method="sigmoid",
        weights=tuple(tuple(float(row == column) for column in range(5)) for row in range(5)),
        length_weights=((0.0,) * 5,) * 5,
        bias=(0.0,) * 5,
        fitted_on="nothing",
    )
    manifest = replace(model.manifest, name="moods", labels=labels, calibration=alone)
    scorer = Scorer(model._replace(manifest=manifest), max_characters=1000).prepare()
    client = create_app([scorer], Settings()).test_client()
    got = outputs(client.post("/v2/models/moods/infer", json=question("The plot is brilliant.", "A plot.")))
    assert list(got) == ["applies", "probabilities"]
    assert got["applies"]["shape"] == got["probabilities"]["shape"] == [2, 5]
    assert got["applies"]["data"] == [value >= 0.5 for value in got["probabilities"]["data"]]
    assert {True, False} == set(got["applies"]["data"])


def test_texts_and_paths_are_counted(client: FlaskClient) -> None:
    assert client.post(INFER, json=question("A brilliant plot.", "x" * 2000)).status_code == 400
    client.get("/v2/models/somebody-s-secret")
    counts = client.get("/metrics").text
    assert 'sentigrade_labels_total{label="positive",model="sentiment",version="1"} 1.0' in counts
    assert 'sentigrade_rejections_total{code="text_too_long"} 1.0' in counts
    assert 'sentigrade_requests_total{method="POST",path="/v2/models/<name>/infer",status="400"} 1.0' in counts
    assert "secret" not in counts


def test_a_body_whose_length_nobody_said_is_read(app: Flask) -> None:
    body = json.dumps(question("A brilliant plot.")).encode()
    response = app.test_client().open(
        INFER,
        method="POST",
        input_stream=BytesIO(body),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert outputs(response)["label"]["data"] == ["Positive"]
