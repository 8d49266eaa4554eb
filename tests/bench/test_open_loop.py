"""The open-loop sender against real servers on loopback, some of them slow or broken."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import pytest

from bench.errors import BenchError
from bench.open_loop import send_at_rate


class Handler(BaseHTTPRequestHandler):
    """Answers one request at a time: `hold` seconds for the first, then at once."""

    protocol_version = "HTTP/1.1"
    status = 200
    hold = 0.0
    lock = Lock()
    asked: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            if not self.asked:
                time.sleep(self.hold)
            self.asked.append(body)
        self.send_response(self.status)
        self.send_header("Content-Length", "2")
        self.send_header("X-After", "the length is not the last header")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # the sender opens all its connections at once


@contextmanager
def server(*, status: int = 200, hold: float = 0.0) -> Iterator[tuple[int, list[bytes]]]:
    asked: list[bytes] = []
    handler = type("Configured", (Handler,), {"status": status, "hold": hold, "asked": asked})
    with Server(("127.0.0.1", 0), handler) as listening:
        thread = Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield listening.server_address[1], asked
        finally:
            listening.shutdown()
            thread.join()


def bodies(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_every_body_is_sent_once_at_the_rate() -> None:
    with server() as (port, asked):
        started = time.perf_counter()
        answered = send_at_rate(port, bodies(100), per_second=200)
        took = time.perf_counter() - started
    assert sorted(asked) == sorted(bodies(100))
    assert len(answered) == 100
    assert took >= 99 / 200


def test_a_slow_answer_makes_those_behind_it_late() -> None:
    with server(hold=0.5) as (port, _):
        answered = send_at_rate(port, bodies(20), per_second=200)
    # All twenty were due in the first tenth of a second, and none was answered in the first half.
    assert min(times.latency for times in answered) > 350


def test_requests_that_find_no_free_connection_are_timed_from_when_they_were_due() -> None:
    with server(hold=0.5) as (port, _):
        answered = send_at_rate(port, bodies(200), per_second=1000)
    late = [times for times in answered if times.lateness > 200]
    assert late
    assert all(times.latency >= times.lateness for times in late)


def test_a_failed_request_ends_the_bench() -> None:
    with server(status=500) as (port, _), pytest.raises(BenchError, match=r"a request failed: HTTP/1.1 500"):
        send_at_rate(port, bodies(1), per_second=100)
