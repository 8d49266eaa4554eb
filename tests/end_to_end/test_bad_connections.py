"""Callers that speak HTTP badly, slowly or by halves: they get an answer or none, and nobody else notices."""

import re
import socket
import time

import pytest

from tests.end_to_end.error_shapes import CALLERS_TEXT, require_refusal
from tests.live import call, predict, receive

INFER = b'{"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["A fine film."]}]}'
BODIES = {
    "/v1/predict": b'{"mytext": "A fine film."}',
    "/v2/models/sentiment/infer": INFER,
    "/invocations": b'{"instances": ["A fine film."]}',
}
# nginx waits so long for the next part of a body.
BODY_TIMEOUT = 30


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=BODY_TIMEOUT + 30)


def head(path: str, *lines: str) -> bytes:
    first = (f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close", "Content-Type: application/json")
    return "\r\n".join((*first, *lines, "", "")).encode()


def chunked(body: bytes, size: int) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("path", BODIES)
def test_a_caller_that_closes_its_half_still_gets_the_answer(port: int, path: str) -> None:
    with connect(port) as connection:
        connection.sendall(head(path, f"Content-Length: {len(BODIES[path])}") + BODIES[path])
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection).status == 200


@pytest.mark.parametrize("path", BODIES)
def test_a_caller_that_goes_in_the_middle_of_its_body_harms_nobody(port: int, path: str) -> None:
    for rest in range(1, 4):
        with connect(port) as connection:
            connection.sendall(head(path, f"Content-Length: {len(BODIES[path])}") + BODIES[path][:-rest])
            connection.shutdown(socket.SHUT_WR)
            assert not connection.recv(1000).startswith(b"HTTP/1.1 2")
    assert predict(port, "A fine film.").status == 200


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("path", BODIES)
def test_a_body_in_chunks_needs_no_length(port: int, path: str, size: int) -> None:
    with connect(port) as connection:
        connection.sendall(head(path, "Transfer-Encoding: chunked") + chunked(BODIES[path], size))
        assert receive(connection).json == call(port, "POST", path, BODIES[path]).json


@pytest.mark.parametrize("path", BODIES)
def test_chunks_that_say_another_length_than_they_have(port: int, path: str) -> None:
    with connect(port) as connection:
        connection.sendall(head(path, "Transfer-Encoding: chunked") + b"zz\r\n" + BODIES[path] + b"\r\n0\r\n\r\n")
        require_refusal(receive(connection), path, 400)


def test_bodies_that_trickle_in_are_given_up_while_others_are_answered(port: int) -> None:
    started = time.monotonic()
    slow = [connect(port) for _ in range(50)]
    for connection, path in zip(slow, list(BODIES) * 17, strict=False):
        connection.sendall(head(path, "Content-Length: 5000") + b'{"')
    asked = [time.monotonic()]
    for _ in range(20):
        assert predict(port, "A fine film.").status == 200
        asked.append(time.monotonic())
    assert asked[-1] - asked[0] < BODY_TIMEOUT / 2
    for connection in slow:
        assert connection.recv(1000) == b""
        connection.close()
    assert BODY_TIMEOUT - 1 < time.monotonic() - started < BODY_TIMEOUT * 2


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("given", ["a\r\nX-Evil: yes", "a b", "ü", "a" * 129, f"{CALLERS_TEXT}<script>"])
def test_a_request_id_cannot_carry_anything_else(port: int, path: str, given: str) -> None:
    body = BODIES[path]
    with connect(port) as connection:
        connection.sendall(head(path, f"Content-Length: {len(body)}", f"X-Request-ID: {given}") + body)
        reply = receive(connection)
    assert reply.status == 200
    assert "X-Evil" not in reply.headers
    assert re.fullmatch("[0-9a-f]{32}|a", reply.headers["X-Request-ID"])


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "//metrics",
        "/./metrics",
        "/v2/../metrics",
        "/v2/%2e%2e/metrics",
        "/v2/models/..%2f..%2fmetrics",
        "/%6detrics",
        "/metrics/",
        "/metrics?text=a",
        "/static/../metrics",
        "/docs/../metrics",
        "/.rows/metrics",
        "/models",
        "/models/sentiment/invoke",
        "/v2/repository/index",
        "/docs/../../app.py",
        "/docs/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static/../app.py",
        "/v2/models/%00",
        "/v2/models/sentiment%0d%0aX-Evil:%20yes",
    ],
)
def test_a_path_that_tries_to_get_elsewhere(port: int, path: str) -> None:
    for method in ("GET", "POST"):
        with connect(port) as connection:
            connection.sendall(head(path, "Content-Length: 0").replace(b"POST", method.encode(), 1))
            reply = receive(connection)
        assert reply.status in (400, 404, 405), (method, reply.status)
        assert "X-Evil" not in reply.headers
        assert b"sentigrade_requests" not in reply.body
        assert b"import" not in reply.body
