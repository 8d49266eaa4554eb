"""What a caller gets through nginx."""

import gzip
import json
import re
from urllib.parse import quote

import pytest

from tests.live import DEFAULT_VERSION, PROBLEM, call, exchange, predict

PRAISE = "A gorgeous, witty, seductive movie."
LEVELS = ["Negative", "Somewhat Negative", "Neutral", "Somewhat Positive", "Positive"]


@pytest.mark.parametrize("path", ["/", "/v1/predict"])
def test_a_text_is_answered(port: int, path: str) -> None:
    reply = call(port, "POST", path, {"mytext": PRAISE})
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    answer = reply.json
    assert answer["label"] == LEVELS[answer["level"]]
    assert answer["polarity"] > 0
    assert list(answer["probabilities"]) == LEVELS
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert (answer["model"], answer["version"]) == ("sentiment", DEFAULT_VERSION)


def test_a_list_is_answered_in_its_order(port: int) -> None:
    reply = call(port, "POST", "/v1/predict", {"mytext": [PRAISE, "A dull, lifeless bore.", PRAISE]})
    first, second, third = reply.json["answers"]
    assert first == third
    assert first["polarity"] > 0 > second["polarity"]


def test_a_text_in_the_query_is_answered_alike(port: int) -> None:
    assert call(port, "GET", f"/v1/predict?text={quote(PRAISE)}").json == predict(port, PRAISE).json


def test_a_text_in_the_body_of_a_get_is_answered_alike(port: int) -> None:
    assert call(port, "GET", "/v1/predict", {"mytext": PRAISE}).json == predict(port, PRAISE).json


def test_plain_text_is_the_bare_label(port: int) -> None:
    reply = call(port, "POST", "/", {"mytext": PRAISE}, {"Accept": "text/plain"})
    assert reply.headers.get_content_type() == "text/plain"
    assert reply.text.strip() == predict(port, PRAISE).json["label"]


def test_a_long_answer_is_compressed_for_those_who_ask(port: int) -> None:
    reply = call(port, "POST", "/", {"mytext": [PRAISE] * 10}, {"Accept-Encoding": "gzip"})
    assert reply.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(reply.body))["answers"]) == 10


def test_the_callers_request_id_comes_back_once(port: int) -> None:
    reply = call(port, "POST", "/", {"mytext": PRAISE}, {"X-Request-ID": "order-66_a.b"})
    assert reply.headers.get_all("X-Request-ID") == ["order-66_a.b"]


@pytest.mark.parametrize("malformed", ["two words", "x" * 129, "a;b", "é"])
def test_a_malformed_request_id_is_replaced(port: int, malformed: str) -> None:
    reply = call(port, "POST", "/", {"mytext": PRAISE}, {"X-Request-ID": malformed})
    assert re.fullmatch("[0-9a-f]{32}", reply.headers["X-Request-ID"])


@pytest.mark.parametrize("path", ["/v1/predict?text=good", "/no-such-page", "/metrics", "/"])
def test_security_headers_are_on_every_answer(port: int, path: str) -> None:
    headers = call(port, "GET", path).headers
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("X-Frame-Options") == ["DENY"]
    assert headers.get_all("Referrer-Policy") == ["no-referrer"]
    assert len(headers.get_all("Content-Security-Policy", [])) == 1
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Server"] == "nginx"  # without its version


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/x/../metrics"])
def test_metrics_are_hidden(port: int, path: str) -> None:
    reply = exchange(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert reply.status == 404
    assert reply.headers["Content-Type"] == PROBLEM


def test_an_error_of_the_app_comes_through_as_it_is(port: int) -> None:
    reply = call(port, "POST", "/v1/predict", {"mytext": 7})
    assert reply.status == 422
    assert reply.headers["Content-Type"] == PROBLEM
    assert reply.json["pointer"] == "/mytext"


def test_an_answer_that_comes_before_the_body_was_read_arrives_whole(port: int) -> None:
    for _ in range(20):
        reply = call(port, "POST", "/v1/predict", b"x" * 5_000_000, {"Content-Type": "application/octet-stream"})
        assert reply.status == 415
        assert reply.json["code"] == "unsupported_media_type"
