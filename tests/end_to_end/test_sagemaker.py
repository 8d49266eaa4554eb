"""SageMaker's calls through nginx and gunicorn."""

import http.client
import json
import socket

import pytest

from sentigrade.settings import Settings
from tests.end_to_end.rows import CSV, sentence
from tests.end_to_end.stack import Stack
from tests.live import Reply, call, exchange, predict, receive

LINES = "application/jsonlines"
ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
MB = 1_000_000


def invoke(port: int, body: object, kind: str = "application/json", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(port, "POST", "/invocations", body, {"Content-Type": kind, **named})


def sources(rows: int, *, note: int = 0) -> bytes:
    """Return lines of BlazingText, a sentence each, with a note of so many characters beside it."""
    lines = ({"note": "n" * note, "source": sentence(number)} for number in range(rows))
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def label_of(port: int, number: int) -> str:
    label: str = predict(port, sentence(number)).json["label"]
    return f"__label__{label.lower().replace(' ', '_')}"


def require_whole(port: int, answer: bytes, *, rows: int) -> None:
    """Check that each row has an answer, and that some of them are what a single text is answered."""
    lines = answer.splitlines()
    assert len(lines) == rows
    for number in (0, rows // 2, rows - 1):
        assert json.loads(lines[number])["label"] == [label_of(port, number)]


def require_refusal(reply: Reply, status: int) -> None:
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/json")
    assert reply.json.keys() == {"code", "type", "message"}
    assert reply.json["code"] == status


def head(kind: str, *lines: str) -> bytes:
    first = ("POST /invocations HTTP/1.1", "Host: localhost", "Connection: close", f"Content-Type: {kind}")
    return "\r\n".join((*first, *lines, "", "")).encode()


def test_it_is_alive_and_says_how_to_be_called(port: int) -> None:
    ping = call(port, "GET", "/ping")
    assert (ping.status, ping.body) == (200, b"")
    assert call(port, "GET", "/execution-parameters").json == {
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


def test_a_request_of_blazingtext(port: int) -> None:
    reply = invoke(port, {"instances": [sentence(0), sentence(4)], "configuration": {"k": 2}})
    assert [prediction["label"][0] for prediction in reply.json] == [label_of(port, 0), label_of(port, 4)]
    assert [len(prediction["prob"]) for prediction in reply.json] == [2, 2]


def test_50_mb_of_lines_are_answered_line_by_line(port: int) -> None:
    body = sources(20_000, note=2450)
    assert len(body) > 50 * MB
    reply = invoke(port, body, LINES)
    assert (reply.status, reply.headers["Content-Type"]) == (200, LINES)
    require_whole(port, reply.body, rows=20_000)


def test_lines_in_chunks_need_no_length(port: int) -> None:
    body = sources(3000)
    chunks = (body[start : start + 10_007] for start in range(0, len(body), 10_007))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": LINES, "Transfer-Encoding": "chunked"}
    connection.request("POST", "/invocations", chunks, headers, encode_chunked=True)
    with connection.getresponse() as response:
        require_whole(port, response.read(), rows=3000)
    connection.close()


def test_a_csv_without_a_header_has_a_record_for_each_of_its_lines(port: int) -> None:
    body = "".join(f'"{sentence(number)}"\n' for number in range(100_000)).encode()
    reply = invoke(port, body, CSV)
    assert reply.status == 200
    assert len(reply.body.splitlines()) == 100_000
    assert predict(port, sentence(7)).json["label"] == reply.text.splitlines()[7].split(",")[0]


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_more_json_or_text_than_its_limit_is_refused_before_it_is_sent(port: int, kind: str) -> None:
    most = Settings().max_body_bytes
    require_refusal(exchange(port, head(kind, f"Content-Length: {most + 1}")), 413)
    with_length = head(kind, f"Content-Length: {most}")
    assert exchange(port, with_length + b" " * most).status == 400


def test_lines_of_which_the_end_never_comes_are_not_answered(stack: Stack) -> None:
    half = sources(2000)
    said = head(LINES, f"Content-Length: {2 * len(half)}")
    with socket.create_connection(("127.0.0.1", stack.port), timeout=30) as upload:
        upload.sendall(said + half)
        upload.shutdown(socket.SHUT_WR)
        assert upload.recv(1) == b""
    # nginx sends nothing on before it has everything; should it die meanwhile, this is what a worker sees.
    with socket.socket(socket.AF_UNIX) as upload:
        upload.connect(str(stack.state / "rows.sock"))
        upload.sendall(said + half)
        upload.shutdown(socket.SHUT_WR)
        require_refusal(receive(upload), 400)


def test_who_closes_their_half_after_the_last_line_is_answered(port: int) -> None:
    body = sources(3)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as upload:
        upload.sendall(head(LINES, f"Content-Length: {len(body)}") + body)
        upload.shutdown(socket.SHUT_WR)
        require_whole(port, receive(upload).body, rows=3)


def test_custom_attributes_come_back_with_answers_and_errors(port: int) -> None:
    for body, status in (({"mytext": "A fine film."}, 200), ({"mytext": 3}, 400)):
        for value in ("trace=7; user b", "~" * 1024):
            reply = invoke(port, body, **{ATTRIBUTES: value})
            assert (reply.status, reply.headers[ATTRIBUTES]) == (status, value)
    reply = invoke(port, {"mytext": "A fine film."}, **{ATTRIBUTES: "~" * 1025})
    require_refusal(reply, 400)
    assert ATTRIBUTES not in reply.headers


@pytest.mark.parametrize(
    "value",
    [
        "a\r\nX-Evil: yes",
        "a\r\n X-Evil: yes",
        "a\r\n\tX-Evil: yes",
        "a\rX-Evil: yes",
        "a\nX-Evil: yes",
        "a%0d%0aX-Evil: yes",
        "sentigrade?model=%0d%0aX-Evil:%20yes",
        "a\x00X-Evil: yes",
        "a\x85X-Evil: yes",
    ],
)
def test_custom_attributes_cannot_add_a_header_to_the_answer(port: int, value: str) -> None:
    body = b'{"mytext": "A fine film."}'
    lines = (f"Content-Length: {len(body)}", f"{ATTRIBUTES}: {value}")
    request = "\r\n".join(("POST /invocations HTTP/1.1", "Host: localhost", "Content-Type: application/json", *lines))
    reply = exchange(port, request.encode("latin-1") + b"\r\nConnection: close\r\n\r\n" + body)
    assert reply.status in (200, 400, 404)
    assert "X-Evil" not in reply.headers
    assert all(line.isprintable() for line in reply.headers.values())


def test_two_of_them_are_one_value(port: int) -> None:
    body = b'{"mytext": "A fine film."}'
    request = head("application/json", f"Content-Length: {len(body)}", f"{ATTRIBUTES}: a", f"{ATTRIBUTES}: b")
    assert exchange(port, request + body).headers[ATTRIBUTES] == "a,b"
