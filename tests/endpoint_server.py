"""A SageMaker endpoint on loopback: `/endpoints/NAME/invocations` as boto3 calls it, and what can be wrong with one."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from sentigrade.scorer import Scorer
from sentigrade.wire.blazingtext import PredictionEncoder, decode_request
from tests.live import free_port

REGION = "eu-west-1"


class Invocation(NamedTuple):
    """What was asked: the path, the headers, the body as JSON and how many bytes of it there were."""

    path: str
    headers: Message
    asked: Any
    size: int


class Said(NamedTuple):
    """What is answered in place of the right thing; `missing` bytes never come."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    missing: int = 0


class Hang(NamedTuple):
    """Nothing is answered until the server is released."""


Trouble = Said | Hang


def refusal(status: int, kind: str, **fields: object) -> Said:
    """Return an error as SageMaker says it."""
    body = json.dumps({"Message": "said by AWS", **fields}).encode()
    return Said(status, body, {"x-amzn-errortype": kind})


def nonsense(answer: object) -> Said:
    """Return an answer of status 200 that is not what was asked for."""
    return Said(200, answer if isinstance(answer, bytes) else json.dumps(answer).encode())


class EndpointServer:
    """Answers with `answer`, bytes to bytes, unless `troubles` has something else for a call, or `always` for all."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.port = free_port()
        self.invocations: list[Invocation] = []
        self.troubles: deque[Trouble | None] = deque()
        self.always: Trouble | None = None
        # How many were under way at once; with `gathering` each waits until there were so many.
        self.most_at_once = 0
        self.gathering = 0
        self._answer = answer
        self._at_once = 0
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that lead boto3 here."""
        return {
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "caller",
            "AWS_SECRET_ACCESS_KEY": "the-secret-of-caller",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        """Listen from now on."""
        endpoint = self

        class Handler(_Handler):
            server_of = endpoint

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more; those who hang are let go."""
        self._released.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def release(self) -> None:
        """Let those who hang go, and be well again."""
        self.always = None
        self._released.set()
        self._released = threading.Event()

    def reply_to(self, invocation: Invocation, body: bytes) -> Said | None:
        """Return what is answered; None is nothing at all."""
        with self._changed:
            self.invocations.append(invocation)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            trouble = self.troubles.popleft() if self.troubles else self.always
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self.most_at_once >= self.gathering, 20)
        try:
            if isinstance(trouble, Hang):
                self._released.wait(60)
                return None
            return trouble or Said(200, self._answer(body))
        finally:
            with self._changed:
                self._at_once -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer goes out in two pieces
    server_of: EndpointServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = self.server_of.reply_to(Invocation(self.path, self.headers, json.loads(body), len(body)), body)
        if said is None:
            self.close_connection = True
            return
        with suppress(OSError):  # whoever asked has gone
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body) + said.missing))
            self.end_headers()
            self.wfile.write(said.body)
        self.close_connection = bool(said.missing)

    def log_message(self, *_: object) -> None:
        pass


def as_blazingtext(scorer: Scorer) -> Callable[[bytes], bytes]:
    """Return what answers as our own container does, around a scorer."""
    encoder = PredictionEncoder(scorer.model.manifest.labels)

    def answer(body: bytes) -> bytes:
        request = decode_request(body, max_texts=10_000)
        assert request is not None
        return encoder.encode(scorer.score(request.instances), request.configuration.k)

    return answer


@contextmanager
def endpoint_server(answer: Callable[[bytes], bytes]) -> Iterator[EndpointServer]:
    """Run a server, and stop it in the end, whatever happens."""
    server = EndpointServer(answer)
    try:
        server.start()
        yield server
    finally:
        server.stop()
