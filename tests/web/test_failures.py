"""Every failure has one shape, the right status and a sentence that says what to send instead."""

import json
import logging
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sentigrade.web.logs import JsonFormatter

JSON = "application/json"


def send(client: FlaskClient, body: bytes, content_type: str | None = JSON) -> tuple[int, dict[str, Any]]:
    response = client.post("/v1/predict", data=body, content_type=content_type)
    assert response.content_type == "application/problem+json"
    problem = json.loads(response.data)
    assert problem["status"] == response.status_code
    assert {"type", "title", "status", "code", "detail"} <= set(problem)
    return response.status_code, problem


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b"a film", 400, None),
        (b"", 400, None),
        (b'{"mytext": "\xff"}', 400, None),
        (b'{"mytext": "\\ud83d"}', 400, None),
        (b'{"mytext": 3}', 422, "/mytext"),
        (b'{"mytext": null}', 422, "/mytext"),
        (b'{"mytext": []}', 422, "/mytext"),
        (b'{"mytext": [["a"]]}', 422, "/mytext/0"),
        (b'{"mytext": {"text": "a"}}', 422, "/mytext"),
        (b'{"my_text": "a"}', 422, "/my_text"),
        (b"{}", 422, ""),
        (b'{"mytext": "a\\u0000b"}', 422, ""),
        (b'{"mytext": "a", "mood": "good"}', 422, "/mood"),
        (b'{"mytext": "a", "model": "oracle"}', 404, "/model"),
        (json.dumps({"mytext": ["a"] * 10_001}).encode(), 422, "/mytext"),
        (json.dumps({"mytext": "a" * 2000}).encode(), 422, ""),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bad_bodies(client: FlaskClient, body: bytes, status: int, pointer: str | None) -> None:
    # A list of 10,001 texts is just over this app's own limit on bytes.
    client.application.config["MAX_CONTENT_LENGTH"] = 1_000_000
    got, problem = send(client, body)
    assert got == status
    assert problem.get("pointer") == pointer
    assert problem["detail"].endswith(".")


def test_a_body_over_the_limit(client: FlaskClient) -> None:
    status, problem = send(client, b" " * 50_001)
    assert status == 413
    assert problem["code"] == "too_large"
    assert "send fewer texts" in problem["detail"]


@pytest.mark.parametrize("content_type", ["application/xml", "application/x-www-form-urlencoded", "nonsense", None])
def test_a_wrong_content_type(client: FlaskClient, content_type: str | None) -> None:
    status, problem = send(client, b'{"mytext": "a"}', content_type)
    assert status == 415
    assert "Content-Type: application/json" in problem["detail"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method(client: FlaskClient, method: str) -> None:
    response = client.open("/v1/predict", method=method)
    assert response.status_code == 405
    assert response.content_type == "application/problem+json"
    assert "POST" in response.headers["Allow"]


def test_a_path_that_is_not_there(client: FlaskClient) -> None:
    response = client.get("/v3/nothing")
    assert response.status_code == 404
    assert "/openapi.json" in json.loads(response.data)["detail"]


def test_a_query_without_a_text(client: FlaskClient) -> None:
    response = client.get("/v1/predict")
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"


def test_a_fault_of_ours_is_told_to_nobody_and_its_place_to_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("cannot read 'a private text'")

    monkeypatch.setattr(app.extensions["sentigrade"], "scorer", fail)
    with caplog.at_level(logging.ERROR):
        response = app.test_client().post("/", json={"mytext": "a private text"}, headers={"X-Request-ID": "seven"})
    assert response.status_code == 500
    (line,) = map(JsonFormatter().format, caplog.records)
    logged = json.loads(line)
    assert (logged["request_id"], logged["error"]) == ("seven", "RuntimeError")
    assert logged["raised_at"][-1].endswith(" fail")
    for told in (response.text, line):
        assert "private text" not in told
        assert "Traceback" not in told
