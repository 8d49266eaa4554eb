"""No room where the service writes: what needs the room is refused, and everybody else is answered."""

import http.client
import os
import signal
import socket
from pathlib import Path

import pytest

from bench.processes import children
from tests.end_to_end.crowd import Crowd
from tests.end_to_end.error_shapes import require_refusal
from tests.end_to_end.rows import NDJSON, ndjson, open_files, post_rows, row_workers, sentence
from tests.end_to_end.small_disk import Making, possible_disks
from tests.end_to_end.stack import Stack, ready, started, workers
from tests.live import Reply, call, predict, receive, wait_until

ROWS = 18_000  # more than a megabyte: less stays in memory
DOORS = ("/v1/predict", "/invocations")
# So many fit into the memory of nginx; their answers, thirty times as long, do not.
SHORT_ROWS = b'"x"\n' * 30_000

on_a_small_disk = pytest.mark.parametrize("disk_in", possible_disks())


@on_a_small_disk
def test_rows_that_find_no_room_are_refused_until_there_is_some(tmp_path: Path, disk_in: Making) -> None:
    spool = tmp_path / "spool"
    with disk_in(spool) as disk, ready(tmp_path, SENTIGRADE_SPOOL=str(spool)) as stack:
        disk.fill(row_workers(stack))
        with Crowd(stack.port, callers=2) as crowd:
            for door in DOORS:
                require_refusal(post_to(stack, door), door, 507)
            assert post_rows(stack.port, ndjson(3), NDJSON).status == 200
            crowd.go_on()
        disk.make_room()
        for door in DOORS:
            assert post_to(stack, door).body.count(b"\n") == ROWS


@on_a_small_disk
def test_bodies_for_which_nginx_has_no_room_are_refused_until_there_is_some(tmp_path: Path, disk_in: Making) -> None:
    long_list = {"mytext": [sentence(number) for number in range(5000)]}
    with disk_in(nginx_spool(tmp_path)) as disk, ready(tmp_path) as stack:
        disk.fill(children(stack.nginx()))
        with Crowd(stack.port, callers=2) as crowd:
            for door in DOORS:
                require_refusal(post_to(stack, door), door, 500)
            require_refusal(call(stack.port, "POST", "/v1/predict", long_list), "/v1/predict", 500)
            crowd.go_on()
        disk.make_room()
        assert post_to(stack, "/v1/predict").body.count(b"\n") == ROWS
        assert call(stack.port, "POST", "/v1/predict", long_list).status == 200


@on_a_small_disk
def test_half_an_answer_for_which_nginx_has_no_room_never_looks_whole(tmp_path: Path, disk_in: Making) -> None:
    """nginx keeps the rows that a caller is slow to read."""
    with disk_in(nginx_spool(tmp_path)) as disk, ready(tmp_path) as stack:
        disk.fill(children(stack.nginx()))
        with Crowd(stack.port, callers=2) as crowd, ask_for_rows(stack, "full") as asking:
            wait_until(lambda: '"request_id":"full"' in stack.output, "the end of the answer")
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                receive(asking)
            crowd.go_on()
        disk.make_room()
        with ask_for_rows(stack, "again") as asking:
            assert receive(asking).body.count(b"\n") == SHORT_ROWS.count(b"\n")


def test_a_service_whose_log_lines_nobody_takes_answers_and_stops(tmp_path: Path) -> None:
    (tmp_path / "output").symlink_to("/dev/full")
    with started(tmp_path) as stack:
        wait_until(lambda: is_ready(stack), "readiness")
        with Crowd(stack.port, callers=2) as crowd:
            before = set(workers(stack))
            os.kill(stack.gunicorn(), signal.SIGHUP)
            wait_until(lambda: before.isdisjoint(workers(stack)), "other workers")
            crowd.go_on()
            assert post_rows(stack.port, ndjson(3), NDJSON).status == 200
        assert predict(stack.port, "A fine film.").status == 200
        stack.process.terminate()
        assert stack.exit_status() == 0


def test_a_worker_has_the_memory_that_it_writes_to(tmp_path: Path) -> None:
    """Whoever writes to a page of a file in memory, and there is no room for that page, is killed."""
    with ready(tmp_path) as stack:
        for worker in workers(stack):
            files = {path for path in open_files(worker) if path.suffix == ".db"}
            assert files
            for file in files:
                assert file.stat().st_blocks * 512 >= file.stat().st_size


def post_to(stack: Stack, door: str) -> Reply:
    return call(stack.port, "POST", door, ndjson(ROWS), {"Content-Type": NDJSON})


def nginx_spool(folder: Path) -> Path:
    return folder / "state" / "nginx" / "spool"


def ask_for_rows(stack: Stack, request_id: str) -> socket.socket:
    """Ask for more answers than fit anywhere but on a disk."""
    asking = socket.socket()
    asking.settimeout(60)
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asking.connect(("127.0.0.1", stack.port))
    head = f"POST /v1/predict?scores=true HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: {request_id}\r\n"
    lengths = f"Content-Type: {NDJSON}\r\nContent-Length: {len(SHORT_ROWS)}\r\n\r\n"
    asking.sendall(f"{head}{lengths}".encode() + SHORT_ROWS)
    return asking


def is_ready(stack: Stack) -> bool:
    try:
        return call(stack.port, "GET", "/health/ready").status == 200
    except OSError:
        return False
