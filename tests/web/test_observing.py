import logging
import os
import re

import msgspec
import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web import access_log
from sentigrade.web.app import create_app
from sentigrade.web.logs import JsonFormatter


def access_lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    lines = map(msgspec.json.decode, capfd.readouterr().out.splitlines())
    return [line for line in lines if line["logger"] == "sentigrade.access"]


def test_a_well_formed_request_id_comes_back(client: FlaskClient) -> None:
    response = client.get("/health/live", headers={"X-Request-ID": "abc-1.2_3"})
    assert response.headers.getlist("X-Request-ID") == ["abc-1.2_3"]


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "<script>"])
def test_a_malformed_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    response = client.get("/nowhere", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])


def test_each_request_is_one_line_of_json(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    client.post("/", json={"mytext": ["A plot.", "A cast."]}, headers={"X-Request-ID": "seven"})
    (line,) = access_lines(capfd)
    assert line["message"] == "request"
    assert line["level"] == "info"
    assert (line["method"], line["path"], line["status"], line["texts"]) == ("POST", "/", 200, 2)
    assert line["request_id"] == "seven"
    assert isinstance(line["milliseconds"], float)


def test_the_caller_s_text_is_never_logged(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    client.post("/", json={"mytext": "a private text"})
    client.post("/", data=b'{"mytext": private', content_type="application/json")
    client.get("/v1/predict?text=private")
    client.get("/private/path")
    lines = access_lines(capfd)
    assert [line["path"] for line in lines] == ["/", "/", "/v1/predict", "other"]
    assert "private" not in str(lines)


def test_a_path_with_a_name_in_it_is_logged_as_its_pattern(
    client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    client.get("/v1/models/sentiment")
    client.get("/v1/models/private/inner")
    assert [line["path"] for line in access_lines(capfd)] == ["/v1/models/<name>", "other"]


def test_no_line_a_request_when_the_log_level_is_above_info(scorer: Scorer, capfd: pytest.CaptureFixture[str]) -> None:
    create_app([scorer], Settings(log_level="warning")).test_client().get("/health/live")
    assert access_lines(capfd) == []


def test_an_answer_does_not_fail_because_nobody_takes_its_log_line(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(access_log, "_STANDARD_OUTPUT", writing)
    try:
        assert client.post("/", json={"mytext": "A plot."}).status_code == 200
    finally:
        os.close(writing)


def test_of_an_exception_a_line_says_what_it_is_and_where_it_was_raised_but_not_its_message() -> None:
    try:
        raise ValueError("a text that was being worked on")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), (type(error), error, error.__traceback__))
    written = JsonFormatter().format(record)
    line = msgspec.json.decode(written)
    assert (line["message"], line["error"]) == ("failed", "ValueError")
    assert line["raised_at"][0].startswith("tests/web/test_observing.py:")
    assert "a text that" not in written
