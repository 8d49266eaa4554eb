"""The worker on a socket pair: what it answers itself, what it leaves to gunicorn, and a proxy that goes away."""

import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from itertools import count
from threading import Event, Thread
from typing import Any, cast

import pytest
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from sentigrade.settings import Settings
from sentigrade.web.addresses import Addresses
from sentigrade.web.server import server_options
from sentigrade.web.worker import Worker
from tests.live import wait_until

PLAIN = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
IN_CHUNKS = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


Start = Callable[[str, Iterable[tuple[str, str]]], None]


class Body:
    """A body that says whether it was closed."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        self.closed = True


class Echo:
    """A WSGI application that sends back what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []

    def __call__(self, environ: MutableMapping[str, Any], start_response: Start) -> Iterable[bytes]:
        content = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", str(len(content) + 1)), ("X-Kind", "echo")])
        self.bodies.append(Body([content, b"!"]))
        return self.bodies[-1]


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def worker(echo: Echo) -> Iterator[Worker]:
    config, nothing_to_load = Config(), cast("BaseApplication", None)
    worker = Worker(1, os.getpid(), [], nothing_to_load, 30, config, Logger(config))
    worker.wsgi = echo
    yield worker
    worker.tmp.close()


def answer(worker: Worker, request: bytes, *, address: str | tuple[str, int] = "") -> bytes:
    """Send a request, let the worker handle the connection, and return what it sent before it closed it."""
    with socket.socket(socket.AF_UNIX) as listener:
        ours, theirs = socket.socketpair()
        with ours:
            ours.sendall(request)
            ours.shutdown(socket.SHUT_WR)
            answering = Thread(target=worker.handle, args=(listener, theirs, address))
            answering.start()
            received = b""
            while part := ours.recv(65_536):
                received += part
            answering.join()
    return received


def test_a_plain_request_is_answered_in_one_piece(worker: Worker, echo: Echo) -> None:
    expected = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\nX-Kind: echo\r\n\r\nhello!"
    assert answer(worker, PLAIN) == expected
    assert [body.closed for body in echo.bodies] == [True]


@pytest.mark.parametrize("received", [IN_CHUNKS, PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0")])
def test_any_other_request_is_answered_by_gunicorn(worker: Worker, received: bytes) -> None:
    head, _, body = answer(worker, received).partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 200 OK\r\nServer: gunicorn", b"HTTP/1.0 200 OK\r\nServer: gunicorn"))
    assert body == b"hello!"


class Rows:
    """A WSGI application that answers when it has read everything, with more than is held back, in parts."""

    def __init__(self, parts: int) -> None:
        self._parts = parts
        self.given = 0

    def __call__(self, environ: MutableMapping[str, Any], start_response: Start) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain")])
        for _ in range(self._parts):
            self.given += 1
            yield b"x" * 65_536


def in_chunks(answer: bytes) -> tuple[int, bool]:
    """Return how many bytes a chunked answer holds and whether its last chunk has come."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    return rest.count(b"x"), rest.endswith(b"0\r\n\r\n")


def test_a_long_answer_leaves_in_chunks_and_ends_with_the_last_one(worker: Worker) -> None:
    worker.wsgi = Rows(parts=40)
    assert in_chunks(answer(worker, IN_CHUNKS)) == (40 * 65_536, True)


def test_a_long_answer_that_fails_half_way_has_no_last_chunk(worker: Worker) -> None:
    def failing(environ: MutableMapping[str, Any], start_response: Start) -> Iterable[bytes]:
        yield from Rows(parts=40)(environ, start_response)
        raise RuntimeError

    worker.wsgi = failing
    size, complete = in_chunks(answer(worker, IN_CHUNKS))
    assert 1024 * 1024 <= size <= 40 * 65_536
    assert not complete


def test_a_short_answer_that_fails_half_way_is_not_begun(worker: Worker) -> None:
    def failing(environ: MutableMapping[str, Any], start_response: Start) -> Iterable[bytes]:
        yield from Rows(parts=2)(environ, start_response)
        raise RuntimeError

    worker.wsgi = failing
    assert answer(worker, IN_CHUNKS) == b""


def test_the_master_hears_of_a_worker_whose_caller_reads_slowly(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Event()
    rows = worker.wsgi = Rows(parts=200)
    with socket.socket(socket.AF_UNIX) as listener:
        ours, theirs = socket.socketpair()
        ours.sendall(IN_CHUNKS)
        answering = Thread(target=worker.handle, args=(listener, theirs, ""))
        answering.start()
        wait_until(lambda: rows.given >= 16, "the first rows")
        stuck_at = rows.given
        monkeypatch.setattr(worker.tmp, "notify", heard.set)
        assert heard.wait(5)
        assert rows.given <= stuck_at + 16  # what was sent is bounded by what was read
        with ours:
            while ours.recv(65_536):
                pass
        answering.join()
    assert rows.given == 200


def test_the_master_hears_of_rows_that_are_held_back(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The labels of 50,000 lines are held, which may take a while."""
    heard: list[int] = []
    rows = worker.wsgi = Rows(parts=8)
    monkeypatch.setattr(worker, "notify", lambda: heard.append(rows.given))
    answer(worker, IN_CHUNKS)
    assert set(heard) >= set(range(1, 9))


def test_whoever_is_not_behind_a_unix_socket_is_left_to_gunicorn(worker: Worker) -> None:
    assert b"Server: gunicorn" in answer(worker, PLAIN, address=("127.0.0.1", 4711))


def test_a_malformed_request_is_refused_by_gunicorn(worker: Worker) -> None:
    assert answer(worker, b"NONSENSE\r\n\r\n").startswith(b"HTTP/1.1 400 Bad Request")


def test_a_proxy_that_has_gone_does_no_harm(worker: Worker) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        ours, theirs = socket.socketpair()
        ours.sendall(PLAIN)
        ours.close()
        worker.handle(listener, theirs, "")
        assert theirs.fileno() == -1


def test_an_application_that_fails_is_a_500_and_the_worker_goes_on(worker: Worker) -> None:
    echo = worker.wsgi
    worker.wsgi = lambda *_: 1 / 0  # type: ignore[assignment]  # it never returns
    assert answer(worker, PLAIN).startswith(b"HTTP/1.1 500 Internal Server Error")
    worker.wsgi = echo
    assert answer(worker, PLAIN).endswith(b"hello!")


@pytest.mark.parametrize(
    "request_line",
    ["SECRET-METHOD-OF-THE-CALLER / HTTP/1.1\r\nHost: a", "GET / HTTP/1.1\r\nHost: a\r\nX-Secret: \x01"],
)
def test_what_gunicorn_cannot_read_is_refused_without_quoting_it(
    worker: Worker, caplog: pytest.LogCaptureFixture, request_line: str
) -> None:
    with caplog.at_level("DEBUG"):
        head, _, body = answer(worker, f"{request_line}\r\n\r\n".encode()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"X-Accel-Redirect: @unreadable\r\nContent-Type: application/problem+json\r\n" in head
    assert json.loads(body)["code"] == "malformed"
    assert "unreadable request" in caplog.text
    assert "secret" not in (body.decode() + caplog.text).lower()


def test_a_fault_is_logged_without_the_address_that_it_happened_at(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    worker.wsgi = lambda *_: 1 / 0  # type: ignore[assignment]  # it never returns
    head, _, body = answer(worker, IN_CHUNKS.replace(b"/echo", b"/?text=secret")).partition(b"\r\n\r\n")
    assert b"X-Accel-Redirect: @failed\r\n" in head
    assert json.loads(body)["status"] == 500
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_no_address_is_logged_at_any_level(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    worker.cfg.set("pre_request", server_options(Settings(), Addresses(Settings()))["pre_request"])
    with caplog.at_level("DEBUG"):
        assert answer(worker, IN_CHUNKS.replace(b"/echo", b"/secret")).endswith(b"hello!")
    assert "secret" not in caplog.text


def test_the_master_hears_of_a_busy_worker_several_times_a_second(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = count(start=1000, step=0.03125)  # of thirty-two requests a second
    heard: list[bool] = []
    monkeypatch.setattr("sentigrade.web.worker.monotonic", lambda: next(clock))
    monkeypatch.setattr(worker.tmp, "notify", lambda: heard.append(True))
    for _ in range(32):
        worker.notify()
    assert len(heard) == 8
