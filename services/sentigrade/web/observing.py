"""Around every request: its id, its log line, its place in the metrics.

A WSGI layer rather than Flask's hooks: it sees what Flask answers itself, and costs a fifth.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from werkzeug.wsgi import ClosingIterator

from sentigrade.answer import Answer, Rejection
from sentigrade.web.access_log import AccessLine, now, write_access_line
from sentigrade.web.metrics import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NOTE = "sentigrade.note"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# Stands for every path and method that is not ours, so that callers cannot fill the metrics or the log with theirs.
_OTHER = "other"
_PART = re.compile("<[^>]+>")
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


class Observer:
    """Wraps a WSGI application."""

    def __init__(self, app: "WSGIApplication", metrics: Metrics, paths: Collection[str], *, logs: bool) -> None:
        """`paths` may be named in logs and metrics, a <part> stands for any; `logs` writes a line a request."""
        self._app = app
        self._metrics = metrics
        self._paths = frozenset(paths)
        # Where several fit, the longest says most of the path.
        self._patterns = [(_pattern(path), path) for path in sorted(paths, key=len, reverse=True) if "<" in path]
        self._logs = logs

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request and take note of it: at once, or when the last of its rows is answered."""
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = uuid4().hex
        note = environ[NOTE] = Note(request_id, self._metrics.count_outcomes)

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - passed on
            note.status = line[:3]
            headers.append(("X-Request-ID", request_id))
            return start_response(line, headers, *rest)

        body = self._app(environ, start)
        if note.is_stream:
            return ClosingIterator(body, partial(self._finish, environ, note))
        self._finish(environ, note)
        return body

    def _finish(self, environ: "WSGIEnvironment", note: "Note") -> None:
        seconds = perf_counter() - note.started
        path = environ["PATH_INFO"]
        path = path if path in self._paths else self._pattern_of(path)
        method = environ["REQUEST_METHOD"]
        method = method if method in _METHODS else _OTHER
        self._metrics.count_request(method, note.series or path, note.status, seconds)
        if self._logs:
            line = AccessLine(
                time=now(),
                method=method,
                path=path,
                status=int(note.status),
                milliseconds=round(seconds * 1000, 3),
                texts=note.texts,
                request_id=note.request_id,
            )
            write_access_line(line)

    def _pattern_of(self, path: str) -> str:
        return next((name for pattern, name in self._patterns if pattern.fullmatch(path)), _OTHER)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_PART.sub(lambda part: ".+" if part[0].startswith("<path:") else "[^/]+", path))


class Note:
    """What is noted of a request while it is being answered; the environ holds it under NOTE."""

    def __init__(self, request_id: str, count: Callable[[Sequence[Answer | Rejection]], None]) -> None:
        self.request_id = request_id
        self.started = perf_counter()
        self.status = ""
        self.texts = 0
        # Whether the answer is still being made when the application returns.
        self.is_stream = False
        # What the metrics call the path, where its times say nothing about those of other requests.
        self.series = ""
        self._count = count

    def add(self, outcomes: Sequence[Answer | Rejection]) -> None:
        """Count texts that were answered."""
        self.texts += len(outcomes)
        self._count(outcomes)
