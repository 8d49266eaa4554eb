"""Every route and every failure: the status says who can mend it, the shape is the protocol's, nothing is told."""

import gzip
import json
from typing import NamedTuple

import pytest

from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from tests.end_to_end.error_shapes import CALLERS_TEXT, require_refusal
from tests.end_to_end.stack import Stack
from tests.live import DEFAULT_VERSION, JSON, call, exchange

LIMITS = Settings()
# What stands for the parts of a path that callers choose.
PARTS = {"<name>": "sentiment", "<version>": "2"}
# Answered by nginx itself, or files of the page.
NOT_OURS = ("/metrics", "/static/", "/docs/")
HOST = b"Host: localhost\r\nConnection: close\r\n"


def paths_of_the_app() -> list[str]:
    rules = {rule.rule for rule in create_app([None], LIMITS).url_map.iter_rules()}
    return sorted(_filled_in(rule) for rule in rules if not rule.startswith(NOT_OURS))


def _filled_in(rule: str) -> str:
    for part, value in PARTS.items():
        rule = rule.replace(part, value)
    return rule


class Door(NamedTuple):
    """A way to send texts: where to, and how a body is made of one text or of several."""

    path: str
    one: str
    many: str

    def body(self, *texts: object) -> bytes:
        form = self.one if len(texts) == 1 else self.many
        content: object = texts[0] if len(texts) == 1 else texts
        filled = form.replace("TEXTS", json.dumps(content)).replace("COUNT", str(len(texts)))
        return filled.encode()


TWO_TEXTS = json.dumps([CALLERS_TEXT, CALLERS_TEXT]).encode()
INFER = '{"inputs": [{"name": "text", "shape": [COUNT], "datatype": "BYTES", "data": DATA}]}'
DOORS = [
    Door("/", '{"mytext": TEXTS}', '{"mytext": TEXTS}'),
    Door("/v1/predict", '{"text": TEXTS}', '{"texts": TEXTS}'),
    Door("/v2/models/sentiment/infer", INFER.replace("DATA", "[TEXTS]"), INFER.replace("DATA", "TEXTS")),
    Door(
        f"/v2/models/sentiment/versions/{DEFAULT_VERSION}/infer",
        INFER.replace("DATA", "[TEXTS]"),
        INFER.replace("DATA", "TEXTS"),
    ),
    Door("/invocations", '{"mytext": TEXTS}', '{"instances": TEXTS}'),
]


def bad_bodies(door: Door) -> dict[str, bytes]:
    return {
        "nothing": b"",
        "no JSON": CALLERS_TEXT.encode(),
        "half of the JSON": door.body(CALLERS_TEXT)[:-2],
        "a list": json.dumps([CALLERS_TEXT]).encode(),
        "no UTF-8": door.body("TEXT").replace(b"TEXT", b"\xff" + CALLERS_TEXT.encode()),
        "half of a surrogate pair": door.body("TEXT").replace(b"TEXT", b"\\ud83d" + CALLERS_TEXT.encode()),
        "JSON of endless depth": b"[" * 100_000,
        "an unknown field": f'{{"{CALLERS_TEXT}, a film": 1, '.encode() + door.body(CALLERS_TEXT)[1:],
        "a number for a text": door.body(5, CALLERS_TEXT),
        "null for a text": door.body(None),
        "an object for a text": door.body({"text": CALLERS_TEXT}),
        "no texts": door.body(CALLERS_TEXT, CALLERS_TEXT).replace(TWO_TEXTS, b"[]"),
        "too many texts": door.body(*["a"] * (LIMITS.max_texts + 1)),
    }


@pytest.mark.parametrize("kind", bad_bodies(DOORS[0]))
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_a_bad_body(port: int, door: Door, kind: str) -> None:
    require_refusal(call(port, "POST", door.path, bad_bodies(door)[kind], JSON), door.path, 400, 422)


@pytest.mark.parametrize("text", [f"{CALLERS_TEXT}\0", CALLERS_TEXT * 10_000], ids=["a NUL", "too long"])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_a_text_that_cannot_be_classified(port: int, door: Door, text: str) -> None:
    require_refusal(call(port, "POST", door.path, door.body(text)), door.path, 400, 422)


@pytest.mark.parametrize("content_type", ["application/xml", "application/x-www-form-urlencoded", CALLERS_TEXT])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_a_content_type_that_is_not_read(port: int, door: Door, content_type: str) -> None:
    reply = call(port, "POST", door.path, door.body(CALLERS_TEXT), {"Content-Type": content_type})
    require_refusal(reply, door.path, 415)


# Under /v2 it is JSON all the same: Triton's own client says nothing.
@pytest.mark.parametrize("door", [door for door in DOORS if "/v2/" not in door.path], ids=lambda door: door.path)
def test_no_content_type(port: int, door: Door) -> None:
    body = door.body(CALLERS_TEXT)
    head = f"POST {door.path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n".encode()
    require_refusal(exchange(port, head + HOST + b"\r\n" + body), door.path, 415)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_a_compressed_body(port: int, door: Door) -> None:
    reply = call(port, "POST", door.path, gzip.compress(door.body(CALLERS_TEXT)), {"Content-Encoding": "gzip"})
    require_refusal(reply, door.path, 415)


@pytest.mark.parametrize("content_type", ["text/csv", "application/x-ndjson", "application/jsonlines"])
@pytest.mark.parametrize("path", ["/v1/predict", "/invocations"])
def test_rows_in_another_encoding(port: int, path: str, content_type: str) -> None:
    body = f"text\n{CALLERS_TEXT}\n".encode("utf-16")
    require_refusal(call(port, "POST", path, body, {"Content-Type": content_type}), path, 400)
    reply = call(port, "POST", path, body, {"Content-Type": f"{content_type}; charset=utf-16"})
    require_refusal(reply, path, 415)


@pytest.mark.parametrize("path", ["/v2/models/oracle/infer", "/v2/models/sentiment/versions/99/infer", "/v1/predict"])
def test_a_model_that_is_not_served(port: int, path: str) -> None:
    door = next(door for door in DOORS if door.path.split("/")[1] == path.split("/")[1])
    body = door.body(CALLERS_TEXT)
    if path == "/v1/predict":
        body = body.replace(b"{", b'{"model": "oracle", ', 1)
    require_refusal(call(port, "POST", path, body), path, 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", paths_of_the_app())
def test_another_method(port: int, path: str, method: str) -> None:
    reply = call(port, method, path)
    require_refusal(reply, path, 405)
    assert reply.headers["Allow"]


@pytest.mark.parametrize("path", [path for path in paths_of_the_app() if path != "/"])
def test_an_address_beside_a_route(port: int, path: str) -> None:
    for beside in (
        f"{path}/",
        f"{path}/a%20{CALLERS_TEXT}",
        f"{path};{CALLERS_TEXT}",
        path.replace("/", "//")[1:] + "//",
    ):
        reply = call(port, "POST", beside, {"mytext": CALLERS_TEXT})
        assert reply.status in (404, 405), beside
        assert CALLERS_TEXT not in reply.text
        assert "Location" not in reply.headers


@pytest.mark.parametrize("path", paths_of_the_app())
def test_too_large_a_body(port: int, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\n".encode()
    reply = exchange(port, head + f"Content-Length: {LIMITS.max_body_bytes + 1}\r\n".encode() + HOST + b"\r\n")
    require_refusal(reply, path, 413)


@pytest.mark.parametrize("path", paths_of_the_app())
def test_too_long_a_line_and_too_long_headers(port: int, path: str) -> None:
    line = f"GET {path}?text={'a' * 9000} HTTP/1.1\r\n".encode()
    require_refusal(exchange(port, line + HOST + b"\r\n"), path, 414)
    headers = b"X-Long: " + b"a" * 9000 + b"\r\n"
    require_refusal(exchange(port, f"GET {path} HTTP/1.1\r\n".encode() + headers + HOST + b"\r\n"), path, 431)


@pytest.mark.parametrize("path", paths_of_the_app())
def test_a_request_that_is_no_http(port: int, path: str) -> None:
    line = f"POST {path} HTTP/1.1\r\n".encode()
    two_types = b"Content-Type: a/b\r\nContent-Type: c/d\r\n"
    require_refusal(exchange(port, line + two_types + HOST + b"\r\n"), path, 400)
    two_lengths = b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"
    require_refusal(exchange(port, line + two_lengths + HOST + b"\r\n"), path, 400)
    require_refusal(exchange(port, line + b"Transfer-Encoding: nonsense\r\n" + HOST + b"\r\n"), path, 501)


def test_the_walk_misses_no_route() -> None:
    paths = paths_of_the_app()
    assert {"/v1/predict", "/v2", "/invocations", "/ping", "/openapi.json", "/docs", "/health/ready"} <= set(paths)
    assert not any("<" in path for path in paths)


def test_nothing_of_all_this_is_logged(stack: Stack, port: int) -> None:
    for door in DOORS:
        for body in bad_bodies(door).values():
            call(port, "POST", door.path, body)
        call(port, "POST", door.path, door.body(CALLERS_TEXT * 10_000))
        call(
            port,
            "POST",
            f"{door.path}/a%20film,{CALLERS_TEXT}",
            door.body(CALLERS_TEXT),
            {"X-Request-ID": f"{CALLERS_TEXT}?"},
        )
    logged = stack.output + (stack.state / "nginx" / "run" / "access.log").read_text()
    assert '"status":' in logged
    assert CALLERS_TEXT not in logged
    assert "Traceback" not in logged
