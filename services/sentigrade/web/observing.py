"""Around every request: its id, its log line, its place in the metrics.

A WSGI layer rather than Flask's hooks: it sees what Flask answers itself, and costs a fifth.
"""

import re
from collections.abc import Callable, Collection, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sentigrade.web.access_log import AccessLine, now, write_access_line
from sentigrade.web.metrics import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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
        self._patterns = [(re.compile(_PART.sub("[^/]+", path)), path) for path in paths if "<" in path]
        self._logs = logs

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request and take note of it."""
        started = perf_counter()
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = uuid4().hex
        status = ""

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - passed on
            nonlocal status
            status = line[:3]
            headers.append(("X-Request-ID", request_id))
            return start_response(line, headers, *rest)

        body = self._app(environ, start)
        self._note(environ, status, request_id, perf_counter() - started)
        return body

    def _note(self, environ: "WSGIEnvironment", status: str, request_id: str, seconds: float) -> None:
        path = environ["PATH_INFO"]
        path = path if path in self._paths else self._pattern_of(path)
        method = environ["REQUEST_METHOD"]
        method = method if method in _METHODS else _OTHER
        outcomes = environ.get("sentigrade.outcomes", ())
        self._metrics.count_request(method, path, status, seconds)
        self._metrics.count_outcomes(outcomes)
        if self._logs:
            line = AccessLine(
                time=now(),
                method=method,
                path=path,
                status=int(status),
                milliseconds=round(seconds * 1000, 3),
                texts=len(outcomes),
                request_id=request_id,
            )
            write_access_line(line)

    def _pattern_of(self, path: str) -> str:
        return next((name for pattern, name in self._patterns if pattern.fullmatch(path)), _OTHER)
