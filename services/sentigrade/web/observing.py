"""Around every request: its id, its place in a trace, its log line, its place in the metrics.

A WSGI layer rather than Flask's hooks: it sees what Flask answers itself, and costs a fifth.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import UNSET
from werkzeug.wsgi import ClosingIterator

from sentigrade.answer import Answer, Rejection
from sentigrade.model import Model
from sentigrade.web.access_log import AccessLine, now, write_access_line
from sentigrade.web.admission import Admission
from sentigrade.web.error_shapes import Failure, error_response
from sentigrade.web.handing_over import hand_over, is_large
from sentigrade.web.metrics import Metrics
from sentigrade.web.tracing import Trace, continued

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NOTE = "sentigrade.note"

OVERLOADED = Failure(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "overloaded",
    "More is asked than can be answered in time: wait for as many seconds as the Retry-After header says, then send it "
    "again.",
    headers={"Retry-After": "1"},
)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# Stands for every path and method that is not ours, so that callers cannot fill the metrics or the log with theirs.
_OTHER = "other"
# What the metrics call the path of a body that was handed over, whose times say nothing about those of others.
LARGE = "large"
_PART = re.compile("<[^>]+>")
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


class Observer:
    """Wraps a WSGI application."""

    def __init__(self, app: "WSGIApplication", metrics: Metrics, paths: Collection[str], *, logs: bool) -> None:
        """`paths` may be named in logs and metrics, a <part> stands for any; `logs` writes a line a request."""
        self._app = app
        self._metrics = metrics
        self._admission = Admission()
        self._paths = frozenset(paths)
        # Where several fit, the longest says most of the path.
        self._patterns = [(_pattern(path), path) for path in sorted(paths, key=len, reverse=True) if "<" in path]
        self._logs = logs

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request and take note of it: at once, or when the last of its rows is answered."""
        note = environ[NOTE] = Note(environ, self._metrics.count_outcomes)
        self._metrics.begin_request()

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - passed on
            note.status = line[:3]
            headers += note.headers
            return start_response(line, headers, *rest)

        body = self._answering(environ, note)(environ, start)
        if note.is_stream:
            return ClosingIterator(body, partial(self._finish, environ, note))
        self._finish(environ, note)
        return body

    def _answering(self, environ: "WSGIEnvironment", note: "Note") -> "WSGIApplication":
        """Return who answers a request: the application, unless it has waited too long or is one for another worker."""
        # Over a unix socket it is nginx that has written this header, by the clock that we read.
        stamp = "" if environ["REMOTE_ADDR"] else environ.get("HTTP_X_REQUEST_START", "")
        if not stamp:
            note.series = LARGE if is_large(environ) else ""
            return self._app
        wait = self._admission.wait(stamp)
        if wait is not None:
            note.wait = wait
            self._metrics.count_wait(wait)
            if self._admission.refuses(wait):
                note.is_refused = True
                return error_response(OVERLOADED, environ["PATH_INFO"])
        if is_large(environ):
            note.is_handed_over = True
            return hand_over
        return self._app

    def _finish(self, environ: "WSGIEnvironment", note: "Note") -> None:
        if note.is_handed_over:
            self._metrics.pass_over_request()
            return
        seconds = perf_counter() - note.started
        path = environ["PATH_INFO"]
        path = path if path in self._paths else self._pattern_of(path)
        method = environ["REQUEST_METHOD"]
        method = method if method in _METHODS else _OTHER
        # A refusal takes no time, and in a storm there are more of them than answers.
        self._metrics.end_request(method, note.series or path, note.status, None if note.is_refused else seconds)
        if note.wait is not None:
            self._admission.took(seconds)
        if self._logs:
            write_access_line(_line(note, method, path, seconds))

    def _pattern_of(self, path: str) -> str:
        return next((name for pattern, name in self._patterns if pattern.fullmatch(path)), _OTHER)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_PART.sub(lambda part: ".+" if part[0].startswith("<path:") else "[^/]+", path))


class Note:
    """What is noted of a request while it is being answered; the environ holds it under NOTE."""

    def __init__(
        self, environ: "WSGIEnvironment", count: Callable[[Model, Sequence[Answer | Rejection]], None]
    ) -> None:
        self.started = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        traceparent = environ.get("HTTP_TRACEPARENT")
        self.trace: Trace | None = None if traceparent is None else continued(traceparent)
        # Seconds that it waited for a worker, if that is known.
        self.wait: float | None = None
        # The name of the caller's API key, if there are any.
        self.key = ""
        self.status = ""
        self.model = ""
        self.texts = 0
        # Whether it had waited too long.
        self.is_refused = False
        # Whether another worker answers it, and takes note of it.
        self.is_handed_over = False
        # Whether the answer is still being made when the application returns.
        self.is_stream = False
        # What the metrics call the path, where its times say nothing about those of other requests.
        self.series = ""
        self._count = count

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What every answer says of its request."""
        headers = [("X-Request-ID", self.request_id)]
        return [*headers, ("traceparent", self.trace.traceparent)] if self.trace else headers

    def add(self, model: Model, outcomes: Sequence[Answer | Rejection]) -> None:
        """Count texts that a model has answered."""
        self.model = model.identity
        self.texts += len(outcomes)
        self._count(model, outcomes)


def _line(note: Note, method: str, path: str, seconds: float) -> AccessLine:
    line = AccessLine(
        time=now(),
        method=method,
        path=path,
        status=int(note.status),
        milliseconds=round(seconds * 1000, 3),
        texts=note.texts,
        request_id=note.request_id,
        wait_milliseconds=UNSET if note.wait is None else round(note.wait * 1000, 3),
        model=note.model or UNSET,
        key=note.key or UNSET,
    )
    if note.trace:
        line.trace_id, line.span_id, line.parent_id = (
            note.trace.trace_id,
            note.trace.span_id,
            note.trace.parent_id or UNSET,
        )
    return line
