"""Lambda on loopback: its Runtime API, and a function in the sandbox that the API is for.

What runs in the sandbox is the real `python -m awslambdaric`. The paths, the headers and the largest answer are those
that AWS documents for the version 2018-06-01 of the API.
"""

import base64
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any, NamedTuple, Self
from uuid import uuid4

from tests.live import REPOSITORY, Reply

HANDLER = "sentigrade.aws.handler.handler"
_FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:sentigrade"
_DOMAIN = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"
# An answer that is longer is refused, and awslambdaric ends.
MOST_BYTES = 6_291_556

_API = "/2018-06-01/runtime"
_SECONDS = 60


class Outcome(NamedTuple):
    """What a function has posted: to `response`, `error` or `init/error`, and how many bytes it was."""

    kind: str
    said: Any
    length: int


class RuntimeApi:
    """The Runtime API of one sandbox: gives events one at a time, and takes what comes of them."""

    def __init__(self) -> None:
        self._events: Queue[tuple[str, bytes]] = Queue()
        self._outcomes: Queue[Outcome] = Queue()
        api = self

        class Handler(_Handler):
            runtime = api

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # Set when the function asks for its first event: it has been made.
        self.asked = threading.Event()

    @property
    def address(self) -> str:
        """What AWS_LAMBDA_RUNTIME_API holds."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that Lambda sets."""
        return {
            "AWS_LAMBDA_RUNTIME_API": self.address,
            "AWS_LAMBDA_FUNCTION_NAME": "sentigrade",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "LAMBDA_TASK_ROOT": "/var/task",
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "TZ": ":UTC",
        }

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """Listen inside the block."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def send(self, event: object, request_id: str = "") -> None:
        """Let the function have an event."""
        self._events.put((request_id or str(uuid4()), json.dumps(event).encode()))

    def next_event(self) -> tuple[str, bytes]:
        """Return the id and the bytes of the event that comes next."""
        self.asked.set()
        return self._events.get()

    def take(self, outcome: Outcome) -> None:
        """Take what the function has posted."""
        self._outcomes.put(outcome)

    def outcome(self, seconds: float) -> Outcome | None:
        """Return what the function posts next, None when it posts nothing for so long."""
        with suppress(Empty):
            return self._outcomes.get(timeout=seconds)
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer goes out in two pieces
    runtime: RuntimeApi

    def handle(self) -> None:
        with suppress(ConnectionError):  # the function has ended
            super().handle()

    def do_GET(self) -> None:
        assert self.path == f"{_API}/invocation/next", self.path
        request_id, event = self.runtime.next_event()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + _SECONDS) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": _FUNCTION_ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419",
        }
        self._reply(200, event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.removeprefix(f"{_API}/").removeprefix("invocation/")
        if len(body) > MOST_BYTES:
            self.runtime.take(Outcome("too large", None, len(body)))
            self._reply(413, b'{"errorType": "RequestEntityTooLarge"}')
            return
        self._reply(202, b'{"status": "OK"}')
        said = kind if kind == "init/error" else kind.rpartition("/")[2]
        self.runtime.take(Outcome(said, json.loads(body), len(body)))

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Function:
    """A function in its sandbox."""

    def __init__(self, api: RuntimeApi, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.api = api
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        """What it has written to standard output and standard error."""
        return self._log.read_text()

    def outcome(self) -> Outcome:
        """Return what it posts next; AssertionError, with its log, when it ends or takes too long."""
        deadline = time.monotonic() + _SECONDS
        while (outcome := self.api.outcome(0.2)) is None:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
        return outcome

    def invoke(self, event: object, request_id: str = "") -> Outcome:
        """Let it have an event, and return what comes of it."""
        self.api.send(event, request_id)
        return self.outcome()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> Reply:
        """Send a request to the URL of the function; a body that is not bytes goes as JSON."""
        outcome = self.invoke(request_event(method, path, body, headers, query))
        assert outcome.kind == "response", f"{outcome}\n{self.log}"
        return reply_of(outcome.said)


def request_event(
    method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, query: str = ""
) -> dict[str, Any]:
    """Return a request as the URL of a function gives it: payload format 2.0."""
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    sent = {
        "host": _DOMAIN,
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-amzn-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
        **({} if content is None else {"content-type": "application/json", "content-length": str(len(content))}),
        **{name.lower(): value for name, value in (headers or {}).items()},
    }
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": sent,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": _DOMAIN.partition(".")[0],
            "domainName": _DOMAIN,
            "domainPrefix": _DOMAIN.partition(".")[0],
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0",
            },
            "requestId": str(uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795348800000,
        },
        "isBase64Encoded": False,
    }
    if content is not None:
        is_text = sent["content-type"].startswith(("text/", "application/json"))
        event["body"] = content.decode() if is_text else base64.b64encode(content).decode()
        event["isBase64Encoded"] = not is_text
    return event


def reply_of(answer: Mapping[str, Any]) -> Reply:
    """Return what a caller gets of the answer of a function."""
    headers = http.client.HTTPMessage()
    for name, value in answer["headers"].items():
        headers[name] = value
    body: str = answer["body"]
    return Reply(answer["statusCode"], headers, base64.b64decode(body) if answer["isBase64Encoded"] else body.encode())


@contextmanager
def function(folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[Function]:
    """Start a function that has the folder `folder` for its temporary files; in the end it is stopped.

    It has the variables that Lambda sets, and `environ`; nothing of this process's.
    """
    own = {"TMPDIR": str(folder), "SENTIGRADE_CACHE": str(folder / "cache"), "SENTIGRADE_SPOOL": str(folder)}
    command = [sys.executable, "-m", "awslambdaric", HANDLER]
    with (
        RuntimeApi().listening() as api,
        started(api, command, {**api.environ, **own, **(environ or {})}, folder / "log") as running,
    ):
        yield running


@contextmanager
def started(api: RuntimeApi, command: Sequence[str], environ: Mapping[str, str], log: Path) -> Iterator[Function]:
    """Start a command in the repository that asks `api` for events; in the end it is stopped, whatever happens."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environ, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield Function(api, process, log)
    finally:
        process.kill()
        process.wait()
