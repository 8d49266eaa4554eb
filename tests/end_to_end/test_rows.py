"""Rows through nginx and gunicorn: how many come back, what is refused, and how much memory it takes."""

import csv
import gzip
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.rows import (
    CSV,
    NDJSON,
    TEXT,
    answer_to,
    curl,
    memory_mb,
    ndjson,
    post_rows,
    sentence,
    spooled,
)
from tests.end_to_end.stack import Stack, ready
from tests.live import PROBLEM, Reply, begin_upload, call, exchange, predict, receive

MB = 1_000_000


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that takes little: 1,000 bytes of JSON, 5,000 of rows."""
    limits = {"SENTIGRADE_MAX_BODY_BYTES": "1000", "SENTIGRADE_MAX_ROWS_BYTES": "5000"}
    with ready(tmp_path_factory.mktemp("narrow"), SENTIGRADE_WORKERS="1", **limits) as stack:
        yield stack


def write_table(file: Path, *, rows: int, note: int) -> None:
    """Write a CSV with a sentence in each row, and a note of so many characters beside it."""
    with file.open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["id", "note", "text"])
        writer.writerows((number, "n" * note, sentence(number)) for number in range(rows))


def upload_and_watch(stack: Stack, file: Path) -> float:
    """Send a CSV with curl; return the most memory, in MB, that the stack was seen to take."""
    upload, most = curl(stack.port, file, CSV), 0.0
    while upload.poll() is None:
        most = max(most, memory_mb(stack))
        time.sleep(0.05)  # the kernel counts pages for it
    assert upload.returncode == 0
    return most


def require_whole_table(stack: Stack, file: Path, *, rows: int) -> None:
    """Compare each row of the answer with what was sent, and some of them with what a single text is answered."""
    some = (0, rows // 2, rows - 1)
    with file.open(newline="") as sent, answer_to(file).open(newline="") as received:
        last = -1
        for last, (before, after) in enumerate(zip(csv.DictReader(sent), csv.DictReader(received), strict=True)):
            assert before.items() <= after.items()
            assert after["label"]
            if last in some:
                assert after["label"] == predict(stack.port, before["text"]).json["label"]
    assert last == rows - 1


def test_curl_uploads_50_mb_of_csv_and_gets_every_row_back_in_little_memory(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    write_table(file, rows=50_000, note=950)
    assert file.stat().st_size > 50 * MB
    most = upload_and_watch(stack, file)
    print(f"{most:.0f} MB of memory")
    assert most < 300
    require_whole_table(stack, file, rows=50_000)
    assert spooled(stack) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_200_mb_of_short_rows_take_as_little_memory(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    rows = 2_250_000
    write_table(file, rows=rows, note=10)
    assert file.stat().st_size > 200 * MB
    most = upload_and_watch(stack, file)
    print(f"{most:.0f} MB of memory")
    assert most < 300
    require_whole_table(stack, file, rows=rows)


def test_a_client_that_reads_only_when_it_has_sent_50_mb_gets_every_row(port: int) -> None:
    rows = 100_000
    body = "".join(json.dumps({"note": "n" * 420, "text": sentence(number)}) + "\n" for number in range(rows)).encode()
    assert len(body) > 50 * MB
    with begin_upload(port, len(body), NDJSON) as connection:
        connection.settimeout(100)
        connection.sendall(body)
        reply = receive(connection)
    assert reply.status == 200
    answers = reply.body.splitlines()
    assert len(answers) == rows
    for number in (0, rows // 2, rows - 1):
        assert json.loads(answers[number]) == predict(port, sentence(number)).json


def test_a_broken_quote_costs_one_row_of_a_hundred_thousand(port: int) -> None:
    rows, broken = 100_000, 50_000
    texts = [f"{number} gems" for number in range(rows)]
    lines = ["text", *(f'"{text}"' for text in texts)]
    lines[broken + 1] = '"a quote that nobody closes'
    reply = post_rows(port, "\r\n".join(lines).encode(), CSV)
    answers = list(csv.DictReader(reply.text.splitlines()))
    assert len(answers) == rows
    assert [number for number, answer in enumerate(answers) if answer["error_code"]] == [broken]
    assert answers[broken]["text"] == '"a quote that nobody closes'
    assert [answer["text"] for answer in answers[broken + 1 :]] == [
        f"{number} gems" for number in range(broken + 1, rows)
    ]


def test_a_mark_before_the_header_and_windows_line_ends_are_kept(port: int) -> None:
    reply = post_rows(port, f"\ufefftext\r\n{sentence(1)}\r\n".replace(",", " ").encode(), CSV)
    assert reply.text.startswith("\ufefftext,label,")
    assert reply.text.count("\r\n") == 2
    assert reply.text.endswith("\r\n")


@pytest.mark.parametrize(("kind", "status"), [(CSV, 400), (NDJSON, 200), (TEXT, 200)])
def test_a_body_without_a_byte(port: int, kind: str, status: int) -> None:
    reply = post_rows(port, b"", kind)
    assert reply.status == status
    assert status != 200 or reply.body == b""


def test_a_csv_of_its_header_alone_is_answered_by_a_header_alone(port: int) -> None:
    reply = post_rows(port, b"text\n", CSV)
    assert (reply.status, len(reply.text.splitlines())) == (200, 1)


def test_a_column_that_is_not_there_is_named_by_its_pointer(port: int) -> None:
    reply = post_rows(port, b"id,review\n1,A gem.\n", CSV, "?column=text")
    require_problem(reply, 422)
    assert reply.json["pointer"] == "/column"


def test_the_column_is_found_with_both_addresses(port: int) -> None:
    for path in ("/", "/v1/predict"):
        reply = call(port, "POST", f"{path}?column=review", b"id,review\n1,A gem.\n", {"Content-Type": CSV})
        assert reply.text.splitlines()[1].startswith("1,A gem.,")


def test_a_compressed_body_is_refused(port: int) -> None:
    headers = {"Content-Type": CSV, "Content-Encoding": "gzip"}
    require_problem(call(port, "POST", "/v1/predict", gzip.compress(b"text\nA gem.\n"), headers), 415)


def test_an_upload_without_a_length_is_answered(port: int, tmp_path: Path) -> None:
    file = tmp_path / "rows.ndjson"
    file.write_bytes(ndjson(2000))
    assert curl(port, file, NDJSON, "--header", "Transfer-Encoding: chunked").wait() == 0
    assert len(answer_to(file).read_bytes().splitlines()) == 2000


def test_a_body_that_ends_before_its_time_is_not_answered_as_if_it_were_whole(stack: Stack) -> None:
    half = ndjson(2000)
    with begin_upload(stack.port, 2 * len(half), NDJSON) as upload:
        upload.sendall(half)
        upload.shutdown(socket.SHUT_WR)
        assert upload.recv(1) == b""
    # nginx sends nothing on before it has everything; should it die meanwhile, this is what a worker sees.
    with socket.socket(socket.AF_UNIX) as upload:
        upload.connect(str(stack.state / "rows.sock"))
        head = (
            f"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {NDJSON}\r\nContent-Length: {2 * len(half)}"
        )
        upload.sendall(f"{head}\r\n\r\n".encode() + half)
        upload.shutdown(socket.SHUT_WR)
        require_problem(receive(upload), 400)


class TestTwoLimits:
    def test_rows_may_be_more_than_a_json_body(self, narrow: Stack) -> None:
        reply = post_rows(narrow.port, b"A fine film.\n" * 300, TEXT)
        assert (reply.status, len(reply.body.splitlines())) == (200, 300)

    @pytest.mark.parametrize("kind", ["application/json", "application/octet-stream", "text/html"])
    def test_whatever_is_no_rows_may_not(self, narrow: Stack, kind: str) -> None:
        require_problem(post_rows(narrow.port, b" " * 2000, kind), 413)

    def test_more_rows_than_their_limit_are_refused_before_they_are_sent(self, narrow: Stack) -> None:
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: {CSV}\r\nContent-Length: 5001\r\n\r\n"
        require_problem(exchange(narrow.port, head.encode()), 413)

    def test_in_chunks_as_well(self, narrow: Stack) -> None:
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: {CSV}\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunks = b"1000\r\n" + b"a" * 0x1000 + b"\r\n"
        require_problem(exchange(narrow.port, head.encode() + chunks * 2), 413)

    def test_the_place_where_rows_are_answered_has_no_address(self, narrow: Stack) -> None:
        reply = call(narrow.port, "POST", "/.rows", b"A fine film.\n", {"Content-Type": TEXT})
        require_problem(reply, 404)


def require_problem(reply: Reply, status: int) -> None:
    assert (reply.status, reply.headers["Content-Type"]) == (status, PROBLEM)
    assert reply.json["status"] == status
