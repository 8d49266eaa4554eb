"""Rows when something dies, goes away, stands still or is exchanged half-way."""

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sentigrade.store.opening import open_store
from sentigrade.store.promoting import promote
from sentigrade.store.publishing import publish
from tests.background import Background
from tests.end_to_end.rows import (
    CSV,
    NDJSON,
    answer_to,
    curl,
    ndjson,
    past_nginx,
    post_rows,
    row_workers,
    sentence,
    spooled,
)
from tests.end_to_end.stack import Stack, ready, workers
from tests.live import DEFAULT_MODEL, PROBLEM, begin_upload, call, exchange, predict, receive, wait_until

# So many rows, each with its words explained, keep a worker busy for seconds.
MANY = 60_000
CURL_PARTIAL_FILE = 18
WAITING = 16


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One worker for texts, one for rows, and a master that waits for three seconds only."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "spool").mkdir()
    settings = {"SENTIGRADE_WORKERS": "1", "SENTIGRADE_TIMEOUT_SECONDS": "3", "SENTIGRADE_SPOOL": str(folder / "spool")}
    with ready(folder, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with MANY rows."""
    file = tmp_path_factory.mktemp("rows") / "many.ndjson"
    file.write_bytes(ndjson(MANY))
    return file


class Singles(Background):
    """Asks for one text after the other, and whether the service is ready, inside the block."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.statuses: list[int] = []
        self.slowest = 0.0
        self._port = port

    def work(self) -> None:
        while not self.ended.is_set():
            started = time.monotonic()
            self.statuses.append(predict(self._port, "A fine film.").status)
            self.statuses.append(call(self._port, "GET", "/health/ready").status)
            self.slowest = max(self.slowest, time.monotonic() - started)


def begin_many(port: int, many: Path) -> "subprocess.Popen[bytes]":
    """Ask for many rows to be explained; on return their answer has begun."""
    answer_to(many).unlink(missing_ok=True)
    asking = curl(port, many, NDJSON, query="?explain=true")
    wait_until(lambda: answer_to(many).exists() and answer_to(many).stat().st_size > 0, "the first rows")
    assert asking.poll() is None
    return asking


def require_row_workers_go_on(stack: Stack) -> None:
    """Rows are answered, and nothing is left of those that were not."""
    reply = post_rows(stack.port, ndjson(3), NDJSON)
    assert [json.loads(line) for line in reply.body.splitlines()] == [
        predict(stack.port, sentence(number)).json for number in range(3)
    ]
    wait_until(lambda: spooled(stack) == [], "giving up the spooled files")


def test_single_texts_and_probes_are_answered_while_rows_are(stack: Stack, many: Path) -> None:
    with Singles(stack.port) as singles:
        asking = begin_many(stack.port, many)
        before = len(singles.statuses)
        assert spooled(stack)
        assert asking.wait() == 0
        meanwhile = len(singles.statuses) - before
    print(f"{meanwhile} answers meanwhile, the slowest in {singles.slowest * 1000:.0f} ms")
    assert meanwhile > 100
    assert set(singles.statuses) == {200}
    assert singles.slowest < 2
    assert answer_to(many).read_bytes().count(b"\n") == MANY


def test_half_an_answer_never_looks_whole_when_its_worker_is_killed(stack: Stack, many: Path) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    moments = random.Random(seed)  # noqa: S311 - not a secret
    with Singles(stack.port) as singles:
        for _ in range(3):
            asking = begin_many(stack.port, many)
            time.sleep(moments.uniform(0, 0.5))
            (victim,) = row_workers(stack)
            os.kill(victim, signal.SIGKILL)
            assert asking.wait() == CURL_PARTIAL_FILE
            assert answer_to(many).read_bytes().count(b"\n") < MANY
            require_row_workers_go_on(stack)
    assert set(singles.statuses) == {200}


def test_a_client_that_leaves_half_way_through_its_upload(stack: Stack) -> None:
    (worker,) = row_workers(stack)
    with begin_upload(stack.port, 10_000_000, CSV) as upload:
        upload.sendall(b"text\n" + b"A fine film.\n" * 300_000)
        wait_until(lambda: spooled(stack) != [], "spooling")
    require_row_workers_go_on(stack)
    assert row_workers(stack) == [worker]


def test_a_client_that_leaves_half_way_through_the_answer(stack: Stack, many: Path) -> None:
    (worker,) = row_workers(stack)
    body = many.read_bytes()
    with begin_upload(stack.port, len(body), NDJSON) as upload:
        upload.sendall(body)
        assert len(upload.recv(100_000)) > 0
        assert spooled(stack)
    started = time.monotonic()
    require_row_workers_go_on(stack)
    assert time.monotonic() - started < 5
    assert row_workers(stack) == [worker]


def test_a_client_that_pauses_gets_every_row(stack: Stack) -> None:
    rows = 20_000
    (worker,) = row_workers(stack)
    body = ndjson(rows)
    with (
        begin_upload(stack.port, len(body), NDJSON) as through_nginx,
        past_nginx(stack, body, length=len(body)) as past,
    ):
        through_nginx.sendall(body)
        # Without nginx, which takes whatever it is given, nothing lies between a worker and a client that pauses.
        time.sleep(5)
        for connection in (past, through_nginx):
            reply = receive(connection)
            assert (reply.status, len(reply.body.splitlines())) == (200, rows)
    assert row_workers(stack) == [worker]


def test_blank_lines_of_which_no_answer_comes_for_long_wear_out_no_worker(stack: Stack) -> None:
    (worker,) = row_workers(stack)
    started = time.monotonic()
    reply = post_rows(stack.port, b"text\n" + b"\n" * 24_000_000 + b"A fine film.\n", CSV)
    print(f"{time.monotonic() - started:.1f} s")
    assert (reply.status, len(reply.body.splitlines())) == (200, 2)
    assert row_workers(stack) == [worker]


def test_more_than_so_many_that_wait_are_told_at_once_to_come_back(stack: Stack) -> None:
    body = ndjson(1)
    with ExitStack() as waiting:
        uploads = [waiting.enter_context(begin_upload(stack.port, len(body), NDJSON)) for _ in range(WAITING)]
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: {CSV}\r\nContent-Length: 100000000\r\n\r\n"
        started = time.monotonic()
        reply = exchange(stack.port, head.encode())
        assert time.monotonic() - started < 1
        assert (reply.status, reply.headers["Content-Type"]) == (503, PROBLEM)
        assert int(reply.headers["Retry-After"]) > 0
        assert predict(stack.port, "A fine film.").status == 200
        for upload in uploads:
            upload.sendall(body)
            assert receive(upload).status == 200
    require_row_workers_go_on(stack)


def test_a_swap_waits_for_no_rows_and_their_answer_is_of_one_version(tmp_path: Path) -> None:
    """Each generation has a worker for rows, whoever of the earlier ones still answers and whoever dies."""
    store = open_store(str(tmp_path / "store"), create=True)
    for _ in range(2):
        publish(store, DEFAULT_MODEL)
    watching = {"SENTIGRADE_STORE": str(tmp_path / "store"), "SENTIGRADE_WATCH_SECONDS": "1"}
    rows = 20_000
    body = ndjson(rows)
    with ready(tmp_path, SENTIGRADE_WORKERS="1", **watching) as stack, Singles(stack.port) as singles:
        (old,) = row_workers(stack)
        with past_nginx(stack, body, length=len(body)) as asked:
            assert asked.recv(1, socket.MSG_PEEK)  # and reads no further: the worker cannot end
            promote(store, "sentiment", 2)
            wait_until(lambda: predict(stack.port, "A fine film.").json["version"] == 2, "serving version 2")
            for _ in range(2):
                exchange_all_workers(stack, old)
            for victim in set(workers(stack)) - {old}:
                kill_and_wait(stack, victim, old)
            assert old in workers(stack)
            answers = receive(asked).body.splitlines()
        wait_until(lambda: old not in workers(stack), "the end of the old worker")
        require_row_workers_go_on(stack)
    assert set(singles.statuses) == {200}
    assert len(answers) == rows
    assert {json.loads(answer)["version"] for answer in answers} == {1}


def exchange_all_workers(stack: Stack, old: int) -> None:
    """Swap by hand; `old` is a worker that takes its time to go."""
    before = set(workers(stack)) - {old}
    os.kill(stack.gunicorn(), signal.SIGHUP)
    wait_until(lambda: before.isdisjoint(workers(stack)), "another generation")
    wait_until(lambda: has_one_of_each(stack, old), "a worker of each kind")


def kill_and_wait(stack: Stack, victim: int, old: int) -> None:
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in workers(stack) and has_one_of_each(stack, old), "a worker in its place", 5)
    assert post_rows(stack.port, ndjson(1), NDJSON).json["version"] == 2


def has_one_of_each(stack: Stack, old: int) -> bool:
    rows = [pid for pid in row_workers(stack) if pid != old]
    others = [pid for pid in workers(stack) if pid not in (*rows, old)]
    return (len(rows), len(others)) == (1, 1)
