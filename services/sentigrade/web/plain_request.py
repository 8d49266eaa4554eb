"""The requests that nginx sends, read in one go.

nginx has checked a request and sends it in one plain form: a line, printable headers, a body of the length that they
say. gunicorn reads whatever HTTP allows, from any peer, and that care is a third of the time that an answer takes.
What has the plain form is read here, into the environ that gunicorn would make of it (a test compares them); the rest
is left to gunicorn.
"""

import re
import sys
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from gunicorn import SERVER_SOFTWARE
from gunicorn.http.wsgi import FileWrapper
from gunicorn.util import unquote_to_wsgi_str

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HEADERS = rb"((?:[A-Za-z][A-Za-z0-9-]*: [!-~](?:[ -~]*[!-~])?\r\n)+)"
_PLAIN = re.compile(rb"(GET|POST) (/[!\"$-~]*) HTTP/1\.1\r\n" + _HEADERS + rb"\r\n")
_HOST = re.compile(r"([A-Za-z0-9.-]+)(?::([0-9]+))?")

# Headers that change how a request is read, or whom it is believed to come from.
_NOT_PLAIN = frozenset(
    ["HTTP_TRANSFER_ENCODING", "HTTP_EXPECT", "HTTP_UPGRADE", "HTTP_X_FORWARDED_PROTOCOL", "HTTP_X_FORWARDED_SSL"]
)
_WITHOUT_PREFIX = frozenset(["CONTENT_TYPE", "CONTENT_LENGTH"])
_PORTS = {"http": "80", "https": "443"}

_ALWAYS = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_SOFTWARE": SERVER_SOFTWARE,
    "REMOTE_ADDR": "",
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.file_wrapper": FileWrapper,
    "wsgi.multithread": False,
    "wsgi.run_once": False,
}


def environ_of(received: bytes, *, multiprocess: bool) -> "WSGIEnvironment | None":
    """Return the WSGI environ of one whole plain request that a trusted proxy sent, None for anything else."""
    head = _PLAIN.match(received)
    if head is None:
        return None
    method, target, lines = (part.decode("ascii") for part in head.groups())
    pairs = [line.split(": ", 1) for line in lines.split("\r\n")[:-1]]
    headers = {_key_of(name): value for name, value in pairs}
    body = received[head.end() :]
    host = _HOST.fullmatch(headers.get("HTTP_HOST", ""))
    scheme = headers.get("HTTP_X_FORWARDED_PROTO", "http")
    if host is None or scheme not in _PORTS or len(headers) < len(pairs) or not _is_complete(headers, body):
        return None
    path, _, query = target.partition("?")
    return {
        **_ALWAYS,
        **headers,
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_wsgi_str(path),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "SERVER_NAME": host[1],
        "SERVER_PORT": host[2] or _PORTS[scheme],
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multiprocess": multiprocess,
    }


@lru_cache
def _key_of(name: str) -> str:
    """Return the environ's name of a header."""
    key = name.upper().replace("-", "_")
    return key if key in _WITHOUT_PREFIX else f"HTTP_{key}"


def _is_complete(headers: dict[str, str], body: bytes) -> bool:
    return headers.get("CONTENT_LENGTH", "0") == str(len(body)) and _NOT_PLAIN.isdisjoint(headers)
