import logging
import os
import re
import time
import types

import msgspec
import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web import access_log
from sentigrade.web.app import create_app
from sentigrade.web.logs import JsonFormatter
from tests.live import PROBLEM

JSON = "application/json"


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


def test_the_line_names_the_model_that_answered(
    client: FlaskClient, scorer: Scorer, capfd: pytest.CaptureFixture[str]
) -> None:
    client.post("/", json={"mytext": "A plot."})
    client.get("/v1/models")
    answered, listed = access_lines(capfd)
    assert answered["model"] == scorer.model.identity
    assert "model" not in listed


class TestTraces:
    TRACE = "0af7651916cd43dd8448eb211c80319c"
    CALLER = "b7ad6b7169203331"

    def test_a_request_goes_on_with_its_caller_s_trace(
        self, client: FlaskClient, capfd: pytest.CaptureFixture[str]
    ) -> None:
        reply = client.get("/health/live", headers={"traceparent": f"00-{self.TRACE}-{self.CALLER}-01"})
        (line,) = access_lines(capfd)
        assert (line["trace_id"], line["parent_id"]) == (self.TRACE, self.CALLER)
        assert line["span_id"] != self.CALLER
        assert reply.headers["traceparent"] == f"00-{self.TRACE}-{line['span_id']}-01"

    def test_a_malformed_one_starts_a_new_trace_and_is_not_repeated(
        self, client: FlaskClient, capfd: pytest.CaptureFixture[str]
    ) -> None:
        reply = client.get("/health/live", headers={"traceparent": "private"})
        (line,) = access_lines(capfd)
        assert reply.headers["traceparent"] == f"00-{line['trace_id']}-{line['span_id']}-00"
        assert "parent_id" not in line
        assert "private" not in str(line)

    def test_without_one_there_is_none(self, client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
        reply = client.get("/health/live")
        (line,) = access_lines(capfd)
        assert "traceparent" not in reply.headers
        assert "trace_id" not in line


class TestWaiting:
    """nginx says when it had the whole of a request; over a unix socket there is no address of a peer."""

    UNIX = types.MappingProxyType({"REMOTE_ADDR": ""})

    @staticmethod
    def since(seconds: float) -> dict[str, str]:
        return {"X-Request-Start": f"t={time.time() - seconds:.3f}"}

    def keep_busy(self, client: FlaskClient) -> None:
        """Ask so much that the worker has had to work for some time while others waited."""
        texts = {"mytext": ["A plot."] * 4000}
        while client.post("/", json=texts, headers=self.since(2), environ_base=self.UNIX).status_code == 200:
            pass

    def test_how_long_a_request_waited_is_logged_and_counted(
        self, client: FlaskClient, capfd: pytest.CaptureFixture[str]
    ) -> None:
        client.post("/", json={"mytext": "A plot."}, headers=self.since(0.1), environ_base=self.UNIX)
        (line,) = access_lines(capfd)
        assert line["status"] == 200
        assert float(str(line["wait_milliseconds"])) >= 99
        assert "sentigrade_wait_seconds_count 1.0" in client.get("/metrics").text

    @pytest.mark.parametrize(
        ("path", "content_type"),
        [("/", PROBLEM), ("/v2/models/sentiment/infer", JSON), ("/invocations", JSON)],
    )
    def test_one_that_waited_too_long_is_told_to_come_back_in_the_shape_of_its_path(
        self, client: FlaskClient, capfd: pytest.CaptureFixture[str], path: str, content_type: str
    ) -> None:
        self.keep_busy(client)
        capfd.readouterr()
        reply = client.post(path, json={"mytext": "A plot."}, headers=self.since(5), environ_base=self.UNIX)
        assert (reply.status_code, reply.content_type) == (503, content_type)
        assert reply.headers["Retry-After"] == "1"
        assert reply.headers["X-Request-ID"]
        assert "More is asked than can be answered in time" in reply.text
        (line,) = access_lines(capfd)
        assert (line["status"], line["texts"]) == (503, 0)
        counts = client.get("/metrics").text
        assert 'status="503"}' in counts
        if path != "/":
            assert f'sentigrade_request_seconds_count{{path="{path}"}}' not in counts, "a refusal takes no time"

    @pytest.mark.parametrize("stamp", ["", "t=", "t=yesterday", "t=nan", "t=inf", "0", "t=-1"])
    def test_what_is_no_time_is_no_reason_to_send_anybody_away(self, client: FlaskClient, stamp: str) -> None:
        headers = {"X-Request-Start": stamp}
        reply = client.post("/", json={"mytext": "A plot."}, headers=headers, environ_base=self.UNIX)
        assert reply.status_code == 200

    def test_a_body_of_a_million_bytes_is_handed_over_to_a_worker_for_rows(
        self, client: FlaskClient, capfd: pytest.CaptureFixture[str]
    ) -> None:
        reply = client.post("/", data=b"x" * 1_000_000, headers=self.since(0), environ_base=self.UNIX)
        assert reply.headers["X-Accel-Redirect"] == "@large"
        assert access_lines(capfd) == [], "the other worker writes it"
        assert 'path="/"' not in client.get("/metrics").text

    def test_the_worker_for_rows_counts_it_apart(self, client: FlaskClient) -> None:
        client.post("/", data=b"x" * 1_000_000, environ_base=self.UNIX)
        assert 'sentigrade_requests_total{method="POST",path="large",status="415"} 1.0' in client.get("/metrics").text

    def test_without_nginx_nobody_is_handed_over(self, client: FlaskClient) -> None:
        assert client.post("/", data=b"x" * 1_000_000).status_code == 415

    def test_whoever_asks_without_nginx_cannot_say_how_long_it_waited(self, client: FlaskClient) -> None:
        assert client.post("/", json={"mytext": "A plot."}, headers=self.since(5)).status_code == 200


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
