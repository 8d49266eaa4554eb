"""Failures that the application never hears of, as a worker writes them to its connection.

nginx, which knows the path, says them in the shape of the path's protocol: it goes by X-Accel-Redirect. Whoever asks
without nginx reads a problem.
"""

from http import HTTPStatus

from gunicorn.http import errors

from sentigrade.web.error_shapes import FAULT, Failure, error_response

_UNREADABLE = Failure(
    HTTPStatus.BAD_REQUEST, "malformed", "This is not a readable HTTP request: send printable headers, each once."
)
# Headers of an answer; the stubs are older than these.
_OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)  # type: ignore[attr-defined]


def is_unreadable(error: BaseException) -> bool:
    """Whether an error of gunicorn's is about what the caller has sent."""
    return isinstance(error, errors.ParseException) and not isinstance(error, _OURS)


def _written(failure: Failure, location: str) -> bytes:
    response = error_response(failure, "/")
    content = response.get_data()
    head = (
        f"HTTP/1.1 {failure.status.value} {failure.status.phrase}\r\nConnection: close\r\n"
        f"X-Accel-Redirect: {location}\r\nContent-Type: {response.content_type}\r\nContent-Length: {len(content)}\r\n"
    )
    return f"{head}\r\n".encode() + content


UNREADABLE = _written(_UNREADABLE, "@unreadable")
FAILED = _written(FAULT, "@failed")
