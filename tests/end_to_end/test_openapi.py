"""The document through nginx: what nginx adds and refuses by itself is described, too."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.live import DEFAULT_VERSION, call, exchange
from tests.web.reference.validating import Part, is_valid, resolved

VERSION = str(DEFAULT_VERSION)
MOST_BYTES = 6 * 1024 * 1024


@pytest.fixture(scope="module")
def document(port: int) -> Part:
    described: Part = call(port, "GET", "/openapi.json").json
    return described


def operations(document: Part) -> Iterator[tuple[str, str, Part]]:
    """Yield the methods, the addresses and the descriptions of all operations."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.replace("{name}", "sentiment").replace("{version}", VERSION), operation


def require_described(document: Part, operation: Part, reply: Any) -> None:  # noqa: ANN401 - either kind
    """Fail unless an operation may answer like this."""
    response = resolved(document, operation["responses"][str(reply.status)])
    form = response["content"][reply.headers["Content-Type"].partition(";")[0]]
    assert is_valid(document, form["schema"], reply.json)
    assert all(reply.headers[name] for name in response["headers"])


def test_the_document_is_valid(document: Part) -> None:
    validate(document)


def test_it_is_sent_compressed_and_only_when_it_has_changed(port: int, document: Part) -> None:
    reply = call(port, "GET", "/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(reply.body)) == document
    tag = {"If-None-Match": reply.headers["ETag"]}
    assert call(port, "GET", "/openapi.json", headers=tag).status == 304


def test_a_request_line_that_is_too_long_is_refused_as_described(port: int, document: Part) -> None:
    for method, path, operation in operations(document):
        reply = exchange(port, f"{method} {path}?{'a' * 9000} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert reply.status == 414
        require_described(document, operation, reply)


def test_headers_that_are_too_long_are_refused_as_described(port: int, document: Part) -> None:
    for method, path, operation in operations(document):
        reply = exchange(port, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX: {'a' * 9000}\r\n\r\n".encode())
        assert reply.status == 431
        require_described(document, operation, reply)


def test_a_body_that_is_too_large_is_refused_as_described(port: int, document: Part) -> None:
    head = "HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length:"
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            reply = exchange(port, f"{method} {path} {head} {MOST_BYTES + 1}\r\n\r\n".encode())
            assert reply.status == 413
            require_described(document, operation, reply)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [("application/json", b"{", 400), ("application/pdf", b"%PDF", 415), ("application/json", b"7", None)],
)
def test_a_body_that_is_not_what_it_should_be_is_refused_as_described(
    port: int, document: Part, content_type: str, body: bytes, status: int | None
) -> None:
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            reply = call(port, method, path, body, headers={"Content-Type": content_type})
            assert reply.status == status or (status is None and reply.status in (400, 422))
            require_described(document, operation, reply)


def test_the_page_and_its_files_come_through(port: int) -> None:
    page = call(port, "GET", "/docs")
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    script = page.text.partition('<script defer src="')[2].partition('"')[0]
    reply = call(port, "GET", script, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in reply.headers["Cache-Control"]
    assert b"SwaggerUIBundle" in gzip.decompress(reply.body)
