"""Large bodies are for the workers that answer rows.

A body of a megabyte is a fifth of a second of work, and some of a few megabytes are twenty seconds. While each worker
answers one of these, nobody else is answered, or even told to come back. nginx holds the whole body, whether or not it
came with a length, and sends it again to where we say.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# A length of so many digits is a million bytes or more.
_DIGITS = 7
_LOCATION = "@large"


def is_large(environ: "WSGIEnvironment") -> bool:
    """Whether the body of a request is a million bytes long or longer."""
    return len(environ.get("CONTENT_LENGTH", "")) >= _DIGITS


def hand_over(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Tell nginx to ask a worker for rows."""
    start_response("200 OK", [("X-Accel-Redirect", _LOCATION), ("Content-Length", "0")])
    return [b""]
