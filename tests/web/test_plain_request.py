"""Plain requests are read as gunicorn reads them, all others are left to it."""

import string
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.http.wsgi import create
from hypothesis import example, given
from hypothesis import strategies as st

from sentigrade.web.plain_request import environ_of

# Objects that differ by identity, and what gunicorn adds for itself.
APART = {"wsgi.input", "wsgi.errors", "wsgi.early_hints", "gunicorn.socket"}

NAMES = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12).filter(
    lambda name: name[0].isalpha()
)
VALUES = st.text([chr(code) for code in range(0x20, 0x7F)], min_size=1, max_size=20).map(str.strip).filter(bool)
TARGETS = st.text([chr(code) for code in range(0x21, 0x7F) if chr(code) != "#"], max_size=30).map("/".__add__)

PLAIN = [("Host", "example.org"), ("Content-Length", "2")]


def request(
    headers: Sequence[tuple[str, str]] = PLAIN, *, line: str = "POST /v1/predict HTTP/1.1", body: bytes = b"{}"
) -> bytes:
    return "\r\n".join([line, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1") + body


class Received:
    """A socket that has received a request from a peer on a unix socket."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def recv(self, _size: int) -> bytes:
        content, self._content = self._content, b""
        return content


def environ_of_gunicorn(received: bytes) -> MutableMapping[str, Any]:
    config = Config()
    config.set("forwarded_allow_ips", "*")
    socket: Any = Received(received)
    _, environ = create(next(get_parser(config, socket, "")), socket, "", "/run/web.sock", config)
    return environ


def require_the_same(received: bytes) -> None:
    ours, theirs = environ_of(received, multiprocess=False), environ_of_gunicorn(received)
    assert ours is not None
    assert {key: value for key, value in ours.items() if key not in APART} == {
        key: value for key, value in theirs.items() if key not in APART
    }
    assert ours["wsgi.input"].read() == theirs["wsgi.input"].read()


@given(TARGETS, st.lists(st.tuples(NAMES, VALUES), max_size=6, unique_by=lambda pair: pair[0].upper()), st.binary())
@example("//a?b=c?d=%41&e=;", [("X-Forwarded-Proto", "https")], b"")
@example("/a%2Fb%C3%A9", [("X-Request-ID", "abc")], b"{}")
def test_a_plain_request_has_the_environ_that_gunicorn_gives_it(
    target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    special = {"HOST", "CONTENT-LENGTH", "TRANSFER-ENCODING", "EXPECT", "UPGRADE", "CONTENT-TYPE"}
    headers = [(name, value) for name, value in headers if name.upper() not in special]
    fixed = [("Host", "example.org:1337"), ("Content-Length", str(len(body))), ("Content-Type", "application/json")]
    require_the_same(request([*fixed, *headers], line=f"POST {target} HTTP/1.1", body=body))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["example.org", "example.org:8080", "10.0.0.1"])
def test_scheme_and_port_are_those_that_the_proxy_names(scheme: str, host: str) -> None:
    require_the_same(request([("Host", host), ("Content-Length", "2"), ("X-Forwarded-Proto", scheme)]))


def test_a_request_without_a_body_is_plain() -> None:
    require_the_same(request([("Host", "example.org")], line="GET /v1/predict?text=a%20gem HTTP/1.1", body=b""))


@pytest.mark.parametrize(
    "received",
    [
        b"",
        b"POST /",
        request()[:-1],  # a part of the body is still under way
        request() + b"GET / HTTP/1.1\r\n\r\n",
        request(line="POST /v1/predict HTTP/1.0"),
        request(line="HEAD / HTTP/1.1"),
        request(line="POST http://example.org/ HTTP/1.1"),
        request(line="POST /a b HTTP/1.1"),
        request(line="POST /\xe9 HTTP/1.1"),
        request(line="POST /#fragment HTTP/1.1"),
        request(line=" POST / HTTP/1.1"),
        request(PLAIN[1:]),
        request([("Host", "[::1]:80"), PLAIN[1]]),
        request([*PLAIN, ("host", "example.com")]),
        request([*PLAIN, ("Content-Length", "2")]),
        request([PLAIN[0], ("Content-Length", "02")]),
        request([PLAIN[0], ("Content-Length", "+2")]),
        request([*PLAIN, ("Transfer-Encoding", "chunked")]),
        request([PLAIN[0], ("Transfer-Encoding", "chunked")], body=b"0\r\n\r\n"),
        request([*PLAIN, ("Expect", "100-continue")]),
        request([*PLAIN, ("X_Request_ID", "1")]),
        request([*PLAIN, ("X-Forwarded-Proto", "gopher")]),
        request([*PLAIN, ("X-Forwarded-Ssl", "on")]),
        request([*PLAIN, ("X-Name", "Caf\xe9")]),
        request([*PLAIN, ("X-Name", "a\0b")]),
        request([*PLAIN, ("X-Name", " padded")]),
        request([*PLAIN, ("X-Name", "")]),
        request().replace(b"\r\n", b"\n"),
        request([*PLAIN, ("X-Name", "a\r\n folded")]),
    ],
)
def test_any_other_request_is_left_to_gunicorn(received: bytes) -> None:
    assert environ_of(received, multiprocess=False) is None
