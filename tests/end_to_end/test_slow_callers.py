"""Many slow callers at once: nginx waits for them, and no worker does."""

import json
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.end_to_end.callers import ask, connect
from tests.end_to_end.error_shapes import require_refusal
from tests.end_to_end.stack import Stack, ready
from tests.end_to_end.test_probes import PROBES
from tests.live import begin_upload, call, exchange, predict, wait_until

HEAD = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
# Beside them so many single texts are answered, one after the other, by two workers.
TEXTS = 20
TEXTS_OF_A_LIST = 1_000
# The default.
OF_ONE_ADDRESS = 256


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two workers, and no bound for the one address that all callers of the tests have."""
    with ready(tmp_path_factory.mktemp("slow"), SENTIGRADE_CONNECTIONS_PER_CALLER="65535") as running:
        yield running


def require_answers_beside(roomy: Stack, slow: list[socket.socket], trickle: Callable[[socket.socket], object]) -> None:
    """Each of the slow callers sends or reads a little more between any two texts, and is itself not given up."""
    for _ in range(TEXTS):
        for connection in slow:
            trickle(connection)
        assert predict(roomy.port, "A fine film.").status == 200
        assert call(roomy.port, "GET", "/health/ready").status == 200


def has_answer(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])


@pytest.mark.parametrize("head", ["", f"{HEAD}Content-Length: 5000\r\n\r\n"], ids=["headers", "a body"])
def test_beside_300_callers_that_trickle_in_others_are_answered(roomy: Stack, head: str) -> None:
    with ExitStack() as connections:
        slow = [connections.enter_context(connect(roomy.port)) for _ in range(300)]
        for connection in slow:
            connection.sendall(head.encode())
        require_answers_beside(roomy, slow, lambda connection: connection.sendall(b"A"))
        assert not any(has_answer(connection) for connection in slow)


def test_beside_100_callers_that_hardly_read_large_answers_others_are_answered(roomy: Stack) -> None:
    body = json.dumps({"mytext": ["A fine film."] * TEXTS_OF_A_LIST, "scores": True}).encode()
    with ExitStack() as connections:
        slow = [connections.enter_context(slow_reader(roomy.port)) for _ in range(100)]
        for connection in slow:
            connection.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert connection.recv(20).startswith(b"HTTP/1.1 200")
        require_answers_beside(roomy, slow, lambda connection: connection.recv(20))
        log = (roomy.state / "nginx" / "run" / "access.log").read_text().splitlines()
        assert not any(json.loads(line)["bytes_in"] > len(body) for line in log), "no longer slow"


def slow_reader(port: int) -> socket.socket:
    """Open a connection, as if over a network of short packets, on which hardly anything arrives that is not read."""
    connection = socket.socket()
    connection.settimeout(30)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    connection.connect(("127.0.0.1", port))
    return connection


@pytest.mark.parametrize("path", PROBES)
def test_a_probe_takes_no_body_for_which_nobody_is_told_to_wait(port: int, path: str) -> None:
    assert call(port, "POST", path, b"x").status == 405
    for head in ("Content-Length: 5000", "Transfer-Encoding: chunked"):
        request = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n\r\n1388\r\nx"
        require_refusal(exchange(port, request.encode()), path, 413)


def test_one_address_may_not_have_more_than_so_many_requests_under_way(port: int) -> None:
    with ExitStack() as uploads:
        for _ in range(OF_ONE_ADDRESS):
            uploads.enter_context(begin_upload(port, 5000))
        for path in ("/v1/predict?text=good", "/v2", "/invocations"):
            refusal = ask(port, "127.0.0.1", path)
            require_refusal(refusal, path, 429)
            assert refusal.headers["Retry-After"] == "1"
        assert ask(port, "127.0.0.1", "/health/ready").status == 200
        assert ask(port, "127.0.0.2").status == 200
    wait_until(lambda: ask(port, "127.0.0.1").status == 200, "an answer once they have gone")
