"""nginx's own refusals have the shape of all others: problem+json with a sentence that says what to do."""

import re
from http import HTTPStatus

import pytest

from sentigrade.settings import Settings
from tests.end_to_end.error_shapes import CALLERS_TEXT, require_refusal
from tests.end_to_end.stack import Stack
from tests.live import REPOSITORY, call, exchange

NGINX = REPOSITORY / "nginx"
HOST = b"Host: localhost\r\nConnection: close\r\n"
LONGEST_LINE = 8190  # 8 KiB with its line end


def get_line(length: int) -> bytes:
    line = b"GET /v1/predict?text= HTTP/1.1"
    return line.replace(b"text=", b"text=" + b"a" * (length - len(line))) + b"\r\n"


def test_a_body_over_the_limit(port: int) -> None:
    too_long = Settings().max_body_bytes + 1
    header = f"POST / HTTP/1.1\r\nContent-Length: {too_long}\r\n".encode() + HOST + b"\r\n"
    require_refusal(exchange(port, header), "/", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def test_a_chunked_body_over_the_limit(port: int) -> None:
    chunks = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    header = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n"
    require_refusal(exchange(port, header + chunks * 7), "/", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def test_the_longest_request_line_passes(port: int) -> None:
    assert exchange(port, get_line(LONGEST_LINE) + HOST + b"\r\n").status == HTTPStatus.OK


def test_a_longer_request_line(port: int) -> None:
    require_refusal(exchange(port, get_line(LONGEST_LINE + 1) + HOST + b"\r\n"), "/", HTTPStatus.REQUEST_URI_TOO_LONG)


@pytest.mark.parametrize(
    "headers",
    [b"X-Long: " + b"a" * 9000 + b"\r\n", b"".join(b"X-%d: a\r\n" % number for number in range(95))],
    ids=["too long", "too many"],
)
def test_too_much_in_the_headers(port: int, headers: bytes) -> None:
    reply = exchange(port, b"GET / HTTP/1.1\r\n" + headers + HOST + b"\r\n")
    require_refusal(reply, "/", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)


@pytest.mark.parametrize("line", [b"TRACE / HTTP/1.1\r\n", b"CONNECT localhost:80 HTTP/1.1\r\n"], ids=bytes.decode)
def test_a_method_that_nginx_does_not_pass_on(port: int, line: bytes) -> None:
    reply = exchange(port, line + HOST + b"\r\n")
    require_refusal(reply, "/", HTTPStatus.METHOD_NOT_ALLOWED)
    assert "POST" in reply.headers["Allow"]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01 not http\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /?text=a b HTTP/1.1\r\n" + HOST + b"\r\n",
        "GET /v1/predict?text=schön HTTP/1.1\r\n".encode() + HOST + b"\r\n",
        b"POST / HTTP/1.1\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n" + HOST + b"\r\n",
        b"POST / HTTP/1.1\r\nContent-Type: text/csv; a=b,c\r\n" + HOST + b"\r\n",
        "POST /?column=schön HTTP/1.1\r\nContent-Type: text/csv\r\n".encode() + HOST + b"\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n",
    ],
    ids=[
        "not HTTP",
        "no host",
        "a space",
        "not percent-encoded",
        "two content types",
        "two content types of rows",
        "rows, not percent-encoded",
        "two lengths",
    ],
)
def test_a_request_that_cannot_be_read(port: int, request_bytes: bytes) -> None:
    require_refusal(exchange(port, request_bytes), "/", HTTPStatus.BAD_REQUEST)


@pytest.mark.parametrize("path", ["/", "/v2/models/sentiment", "/invocations", "/v1/predict"])
@pytest.mark.parametrize(
    "request_head",
    [
        "POST {path} HTTP/1.1\r\nContent-Type: text/csv\r\nContent-Length: 0\r\nX-{secret}: \x01\r\n",
        "{secret}{secret} {path} HTTP/1.1\r\n",
        "post {path}?{secret} HTTP/1.1\r\n",
    ],
    ids=["a control character", "a long method", "a method in small letters"],
)
def test_a_request_that_only_the_worker_finds_unreadable(stack: Stack, port: int, path: str, request_head: str) -> None:
    secret = CALLERS_TEXT.upper()
    reply = exchange(port, request_head.format(path=path, secret=secret).encode() + HOST + b"\r\n")
    require_refusal(reply, path, HTTPStatus.BAD_REQUEST)
    assert secret not in reply.text
    assert secret not in stack.output


def test_a_request_line_that_is_too_long_and_names_the_host(port: int) -> None:
    line = b"GET http://localhost/v2/models/" + b"a" * LONGEST_LINE + b" HTTP/1.1\r\n"
    require_refusal(exchange(port, line + HOST + b"\r\n"), "/v2", HTTPStatus.REQUEST_URI_TOO_LONG)


def test_an_unknown_transfer_encoding(port: int) -> None:
    reply = exchange(port, b"POST / HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n" + HOST + b"\r\n")
    require_refusal(reply, "/", HTTPStatus.NOT_IMPLEMENTED)


def test_an_unknown_http_version(port: int) -> None:
    reply = exchange(port, b"GET / HTTP/2.0\r\n" + HOST + b"\r\n")
    require_refusal(reply, "/", HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)


@pytest.mark.parametrize("path", ["/.errors/problem", "/.errors/container", "/.rows/v1/predict", "/.rows/metrics"])
def test_what_nginx_calls_by_itself_has_no_address(port: int, path: str) -> None:
    require_refusal(call(port, "GET", path), "/", HTTPStatus.NOT_FOUND)


def test_older_names_of_the_scheme_do_no_harm(port: int) -> None:
    reply = call(port, "GET", "/health/live", headers={"X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "ssl"})
    assert reply.status == HTTPStatus.OK


def test_every_error_that_nginx_answers_has_its_words() -> None:
    answers = (NGINX / "answers.conf").read_text()
    words = (NGINX / "errors.conf").read_text()
    (statuses,) = re.findall(r"error_page ([\d ]+) /\.errors/\$error_shape;", answers)
    maps = dict(re.findall(r"map \$status \$error_(\w+) \{\n(.*?)\n\}", words, flags=re.DOTALL))
    assert set(maps) == {"title", "code", "detail"}
    for lines in maps.values():
        assert re.findall(r"^    (\w+)  +\S", lines, flags=re.MULTILINE) == ["default", *statuses.split()]
    assert all(detail.endswith(".") for detail in re.findall(r'"(.*)";', maps["detail"]))
