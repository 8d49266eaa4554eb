"""A server on loopback that answers as it is told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from threading import Lock, Thread


class Handler(BaseHTTPRequestHandler):
    """Answers one request at a time: `hold` seconds for the first, then at once.

    `statuses` are given in turn. A connection is kept, or closed after each answer, which `announces` it or does not.
    """

    protocol_version = "HTTP/1.1"
    statuses: Iterator[int]
    hold = 0.0
    keeps = True
    announces = True
    lock = Lock()
    asked: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            if not self.asked:
                time.sleep(self.hold)
            self.asked.append(body)
        self.send_response(next(self.statuses))
        self.send_header("Content-Length", "2")
        self.send_header("X-After", "the length is not the last header")
        if not self.keeps and self.announces:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"{}")
        self.close_connection = self.close_connection or not self.keeps

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # the sender opens all its connections at once


@contextmanager
def server(*statuses: int, **how: float) -> Iterator[tuple[int, list[bytes]]]:
    """Give the port of a server and what it is asked; the statuses come in turn, 200 unless some are given."""
    asked: list[bytes] = []
    handler = type("Configured", (Handler,), {"statuses": cycle(statuses or (200,)), "asked": asked, **how})
    with Server(("127.0.0.1", 0), handler) as listening:
        thread = Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield listening.server_address[1], asked
        finally:
            listening.shutdown()
            thread.join()
