"""Calls to services that really listen on a loopback port."""

import http.client
import json
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent
# The version of the default model that is served where nothing else is said.
DEFAULT_VERSION = int((REPOSITORY / "model_store" / "sentiment" / "promoted").read_text().split()[0])
DEFAULT_MODEL = REPOSITORY / "model_store" / "sentiment" / str(DEFAULT_VERSION)
PROBLEM = "application/problem+json"
JSON = {"Content-Type": "application/json"}
# Work of ten seconds takes more than a minute beside other tests; what hangs is found out all the same.
_PATIENCE_SECONDS = 100


@dataclass(frozen=True)
class Reply:
    """A status, headers and a body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the service says
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


def call(port: int, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
    """Send one request over a connection of its own; a body that is not bytes goes as JSON."""
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request(method, path, content, {**(JSON if content else {}), **(headers or {})})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def predict(port: int, text: str) -> Reply:
    """Ask for the label of one text."""
    return call(port, "POST", "/v1/predict", {"mytext": text})


def exchange(port: int, request: bytes) -> Reply:
    """Send bytes that a proper client would not send, and read the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        return receive(connection)


def begin_upload(port: int, length: int, content_type: str = "application/json") -> socket.socket:
    """Send a POST all but its body; on return nginx has taken the request and waits for the rest."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n"
    connection.sendall(f"{head}Content-Type: {content_type}\r\nExpect: 100-continue\r\n\r\n".encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    return connection


def receive(connection: socket.socket) -> Reply:
    """Read the answer to what was sent over `connection`."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Reply(response.status, response.headers, response.read())


def free_port() -> int:
    """Return a port that nothing listens on, below those that the kernel gives to whoever connects."""
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port


def wait_until(condition: Callable[[], bool], what: str, seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait for a condition; AssertionError, saying what was awaited, after so many seconds.

    Less than the patience of all tests is a promise, which the test is about.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} seconds"
        time.sleep(0.02)
