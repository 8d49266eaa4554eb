"""A service that says what it was told to, over real HTTP on a loopback port, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from sentigrade.client import Client

ANSWER = {"label": "Positive", "probabilities": {"Negative": 0.25, "Positive": 0.75}, "model": "m", "version": 1}
JSON = "application/json"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"


class Asked(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the client says
        return json.loads(self.body)


class Service:
    """Gives one reply after the other; the last one again and again."""

    def __init__(self, replies: Sequence[bytes]) -> None:
        self.replies = list(replies)
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next(self, asked: Asked) -> bytes:
        self.asked.append(asked)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    @contextmanager
    def listening(self) -> Iterator["Service"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.wfile.write(service.next(Asked(self.command, self.path, dict(self.headers), body)))
            self.close_connection = True

        do_GET = do_POST = _answer  # noqa: N815 - as http.server has it

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler


@contextmanager
def serving(*replies: bytes) -> Iterator[Service]:
    """Listen until the block ends."""
    with Service(replies).listening() as service:
        yield service


@contextmanager
def asking(*replies: bytes, **settings: Any) -> Iterator[tuple[Client, Service]]:  # noqa: ANN401 - those of Client
    """Listen, and give a client as well."""
    with serving(*replies) as service, Client(service.url, **settings) as client:
        yield client, service


def reply(body: bytes, kind: str = JSON, status: int = 200, **headers: str) -> bytes:
    """Return a whole answer; in the names of headers _ stands for -."""
    fields = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body


def problem(status: int, **fields: object) -> bytes:
    """Return an error as nginx and the app say it."""
    body = {"type": "about:blank", "status": status, "code": "some_code", "detail": "Some detail.", **fields}
    return reply(json.dumps(body).encode(), PROBLEM, status, X_Request_ID="r-1")


def busy(status: int = 503, retry_after: str | None = None) -> bytes:
    """Return what asks to come again."""
    return reply(b"{}", PROBLEM, status, **({"Retry_After": retry_after} if retry_after else {}))


def answer(**fields: object) -> bytes:
    """Return the answer to one text."""
    return reply(json.dumps({**ANSWER, **fields}).encode())


def answers(*items: object) -> bytes:
    """Return the answer to a list."""
    return reply(json.dumps({"answers": items}).encode())


def chunked(*chunks: bytes, kind: str = NDJSON, whole: bool = True) -> bytes:
    """Return an answer in chunks; half of one lacks the end."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head + body + (b"0\r\n\r\n" if whole else b"")


def line(item: object) -> bytes:
    """Return a line of NDJSON."""
    return json.dumps(item).encode() + b"\n"
