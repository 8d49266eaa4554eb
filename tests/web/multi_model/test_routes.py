"""SageMaker's multi-model contract, asked of one worker."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from sentigrade.web.multi_model.register import Entry, Register
from tests.model_copies import named, place
from tests.web.multi_model.asking import invoke, load

CALLS = [("GET", ""), ("POST", ""), ("GET", "/reviews"), ("DELETE", "/reviews"), ("POST", "/reviews/invoke")]


def test_a_model_from_its_loading_to_its_unloading(client: FlaskClient, reviews: str) -> None:
    told = {"modelName": "N", "modelUrl": reviews}
    reply = load(client, "N", reviews)
    assert (reply.status_code, reply.content_type, reply.json) == (200, "application/json", told)
    assert client.get("/models").json == {"models": [told]}
    assert client.get("/models/N").json == told
    answer = invoke(client, "N").json
    assert answer is not None
    assert (answer["label"], answer["model"]) == ("Positive", "reviews")
    reply = client.delete("/models/N")
    assert (reply.status_code, reply.json) == (200, told)
    assert client.get("/models").json == {"models": []}
    assert load(client, "N", reviews).status_code == 200


def test_each_name_is_answered_by_its_own_model(
    client: FlaskClient, reviews: str, root: Path, small_folder: Path
) -> None:
    topics = place(small_folder, root / "topics" / "model", named("topics"))
    for name, url in (("a", reviews), ("b", topics), ("c", reviews)):
        assert load(client, name, url).status_code == 200
    assert [invoke(client, name).json["model"] for name in "abc"] == ["reviews", "topics", "reviews"]  # type: ignore[index]
    assert client.delete("/models/a").status_code == 200
    assert [invoke(client, name).status_code for name in "abc"] == [404, 200, 200]


def test_the_models_that_are_served_anyway_are_none_of_them(client: FlaskClient, reviews: str) -> None:
    assert client.get("/ping").status_code == 200
    assert client.get("/models").json == {"models": []}
    assert client.get("/models/sentiment").status_code == 404
    assert load(client, "sentiment", reviews).status_code == 200
    reply = client.post("/invocations", json={"mytext": "A brilliant plot."})
    assert reply.json is not None
    assert reply.json["model"] == "sentiment"


def test_a_model_in_the_only_folder_at_url(client: FlaskClient, root: Path, small_folder: Path) -> None:
    place(small_folder, root / "reviews" / "model" / "sentiment")
    assert load(client, "N", f"{root}/reviews/model").status_code == 200
    assert invoke(client, "N").status_code == 200


def test_a_name_is_taken_until_it_is_unloaded(client: FlaskClient, reviews: str) -> None:
    assert load(client, "N", reviews).status_code == 200
    reply = load(client, "N", reviews)
    assert reply.status_code == 409
    assert reply.json == {
        "code": 409,
        "type": "loaded_already",
        "message": "A model is loaded under this name; unload it first, or choose another name. (at /model_name)",
    }
    assert load(client, "N", "/nowhere").status_code == 409
    assert load(client, "n", reviews).status_code == 200


def test_a_name_that_is_not_loaded(client: FlaskClient) -> None:
    for reply in (client.get("/models/N"), client.delete("/models/N"), invoke(client, "N")):
        assert (reply.status_code, reply.content_type) == (404, "application/json")
        assert reply.json == {
            "code": 404,
            "type": "unknown_model",
            "message": "No model is loaded under this name; load it with POST /models, or see GET /models.",
        }


@pytest.mark.parametrize(
    "name", ["a/b", "a/invoke", "invoke", "a/", "a//b", "a b?c#d", "día", "%2F", "..", "a" * 1024, "<path:name>"]
)
def test_a_name_is_any_printable_characters(client: FlaskClient, reviews: str, name: str) -> None:
    path = quote(name, safe="/")
    assert load(client, name, reviews).status_code == 200
    assert client.get(f"/models/{path}").json == {"modelName": name, "modelUrl": reviews}
    assert invoke(client, path).status_code == 200
    assert client.delete(f"/models/{path}").status_code == 200
    assert invoke(client, path).status_code == 404


def test_a_slash_in_a_name_may_be_encoded(client: FlaskClient, reviews: str) -> None:
    assert load(client, "a/b", reviews).status_code == 200
    assert invoke(client, "a%2Fb").status_code == 200


def test_all_that_is_loaded_is_told_in_pages(client: FlaskClient, tmp_path: Path) -> None:
    for number in range(101):
        entry = Entry(name=f"{number:03}", url="/opt/ml/models/N", folder="/opt/ml/models/N", digest="0" * 64)
        Register(tmp_path / "loaded").add(entry)
    first = client.get("/models?next_page_token=").json
    assert first is not None
    assert len(first["models"]) == 100
    token = quote(first["nextPageToken"])
    assert client.get(f"/models?next_page_token={token}").json == {
        "models": [{"modelName": "100", "modelUrl": "/opt/ml/models/N"}]
    }


def test_a_token_that_no_page_gave(client: FlaskClient) -> None:
    reply = client.get("/models?next_page_token=%FF%00")
    assert reply.status_code == 400
    assert "leave it out to begin with the first page" in reply.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"N",
        b"[]",
        b"{}",
        b'{"model_name": "N"}',
        b'{"model_name": 3, "url": "/opt"}',
        b'{"model_name": "a\\nb", "url": "/opt"}',
        b'{"model_name": "N", "url": ["/opt"]}',
        b'{"model_name": "N", "url": "/etc"}',
        b'{"model_name": "N", "url": "/opt/ml/models/N\\u0000/model"}',
        b'{"model_name": "N", "url": "opt"}',
    ],
)
def test_what_cannot_be_loaded(client: FlaskClient, body: bytes) -> None:
    reply = client.post("/models", data=body, content_type="application/json")
    assert (reply.status_code, reply.content_type) == (400, "application/json")
    assert set(json.loads(reply.data)) == {"code", "type", "message"}
    assert client.get("/models").json == {"models": []}


def test_neither_the_content_type_nor_further_fields_matter(client: FlaskClient, reviews: str) -> None:
    body = json.dumps({"model_name": "N", "url": reviews, "further": {"a": 1}})
    assert client.post("/models", data=body, headers={"X-Amzn-SageMaker-Further": "b"}).status_code == 200


def test_too_long_a_body(client: FlaskClient) -> None:
    client.application.config["MAX_CONTENT_LENGTH"] = 1000
    assert client.post("/models", data=b" " * 1001).status_code == 413


def test_an_invocation_that_cannot_be_answered(client: FlaskClient, reviews: str) -> None:
    assert load(client, "N", reviews).status_code == 200
    assert client.post("/models/N/invoke", data=b"<a/>", content_type="application/xml").status_code == 415
    reply = client.post("/models/N/invoke", data=b"{}", content_type="application/json")
    assert reply.status_code == 400
    assert set(json.loads(reply.data)) == {"code", "type", "message"}


@pytest.mark.parametrize(("method", "path"), [("POST", "/N"), ("PUT", "/N"), ("DELETE", ""), ("PUT", "/N/invoke")])
def test_another_method(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(f"/models{path}", method=method).status_code == 405


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_without_the_setting_there_is_nothing_of_it(scorer: Scorer, reviews: str, method: str, path: str) -> None:
    client = create_app([scorer], Settings()).test_client()
    body = {"model_name": "reviews", "url": reviews}
    assert client.open(f"/models{path}", method=method, json=body).status_code == 404


def test_an_app_of_its_own_needs_no_folder(scorer: Scorer, settings: Settings, reviews: str) -> None:
    first, second = (create_app([scorer], settings).test_client() for _ in range(2))
    assert load(first, "N", reviews).status_code == 200
    assert load(second, "N", reviews).status_code == 200


def test_names_reach_neither_log_nor_metrics(
    client: FlaskClient,
    root: Path,
    small_folder: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    url = place(small_folder, root / "private" / "model")
    for name in ("private", "private/inner", "private/invoke"):
        load(client, name, url)
        client.get(f"/models/{name}")
        invoke(client, name)
        client.delete(f"/models/{name}")
    assert client.get("/models/private%0A").status_code == 404
    (root / "private" / "model" / "metrics.json").unlink()
    assert load(client, "private", url).status_code == 400
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    paths = [line["path"] for line in lines if line["logger"] == "sentigrade.access"]
    assert paths[:4] == ["/models", "/models/<path:name>", "/models/<path:name>/invoke", "/models/<path:name>"]
    assert paths[4:8] == paths[:4]
    assert paths[-2:] == ["other", "/models"]
    metrics = client.get("/metrics").text
    assert 'path="/models/<path:name>/invoke",status="200"' in metrics
    assert "private" not in str(lines) + metrics + caplog.text
