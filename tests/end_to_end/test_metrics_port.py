"""Metrics on a port of their own, which callers do not reach."""

import os
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.end_to_end.error_shapes import require_refusal
from tests.end_to_end.rows import row_workers
from tests.end_to_end.stack import Stack, has_all_workers, ready, started, workers
from tests.live import Reply, call, exchange, free_port, predict, wait_until

ANSWERED = 'sentigrade_requests_total{method="POST",path="/v1/predict",status="200"}'
HEADERS = "Host: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def stack(metrics_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with a port for metrics."""
    with ready(tmp_path_factory.mktemp("watched"), SENTIGRADE_METRICS_PORT=str(metrics_port)) as running:
        yield running


def counts(reply: Reply) -> dict[str, float]:
    """Return the value of each series that only grows."""
    lines = (line.rpartition(" ") for line in reply.text.splitlines() if line[0] != "#")
    return {name: float(value) for name, _, value in lines if "_total" in name}


def test_metrics_are_given_there(stack: Stack, metrics_port: int) -> None:
    before = counts(call(metrics_port, "GET", "/metrics")).get(ANSWERED, 0)
    predict(stack.port, "A fine film.")
    reply = call(metrics_port, "GET", "/metrics")
    assert reply.status == 200
    assert reply.headers.get_content_type() == "text/plain"
    assert counts(reply)[ANSWERED] == before + 1


@pytest.mark.parametrize("path", ["/", "/v1/predict?text=good", "/health/ready", "/metrics/", "/openapi.json"])
def test_nothing_else_is(stack: Stack, metrics_port: int, path: str) -> None:
    assert stack.process.poll() is None
    require_refusal(call(metrics_port, "GET", path), "/", 404)
    require_refusal(call(metrics_port, "POST", path, {"mytext": "good"}), "/", 404)


def test_only_this_host_reaches_it(stack: Stack, metrics_port: int) -> None:
    with socket.socket() as elsewhere:
        assert elsewhere.connect_ex(("127.0.0.2", stack.port)) == 0
    with socket.socket() as elsewhere:
        assert elsewhere.connect_ex(("127.0.0.2", metrics_port)) != 0


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "/metrics?name[]=up",
        "//metrics",
        "/./metrics",
        "/x/../metrics",
        "/%6detrics",
        "/%6d%65trics",
        "/metrics%2f",
        "/metrics%00",
        "/METRICS",
        "/.rows/metrics",
        "/v2/../metrics",
        "http://127.0.0.1:{metrics_port}/metrics",
    ],
)
def test_callers_find_no_metrics_however_they_spell_it(stack: Stack, metrics_port: int, path: str) -> None:
    for method in ("GET", "POST"):
        reply = exchange(
            stack.port, f"{method} {path.format(metrics_port=metrics_port)} HTTP/1.1\r\n{HEADERS}".encode()
        )
        assert reply.status in (400, 404)
        assert b"sentigrade_" not in reply.body


def test_every_scrape_succeeds_while_workers_die(stack: Stack, metrics_port: int) -> None:
    last = counts(call(metrics_port, "GET", "/metrics"))
    for _ in range(3):
        for victim in workers(stack):
            os.kill(victim, signal.SIGKILL)
            assert predict(stack.port, "A fine film.").status == 200
            scraped = call(metrics_port, "GET", "/metrics")
            assert scraped.status == 200
            now = counts(scraped)
            assert all(now[name] >= value for name, value in last.items())
            last = now
        wait_until(partial(has_all_workers, stack), "a worker in the place of each")


def test_a_worker_for_rows_gives_them_while_all_others_are_busy(stack: Stack, metrics_port: int) -> None:
    wait_until(partial(has_all_workers, stack), "all workers")
    busy = set(workers(stack)) - set(row_workers(stack))
    for pid in busy:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert call(metrics_port, "GET", "/metrics").status == 200
    finally:
        for pid in busy:
            os.kill(pid, signal.SIGCONT)


def test_the_port_of_callers_is_refused(tmp_path: Path) -> None:
    port = str(free_port())
    with started(tmp_path, SENTIGRADE_PORT=port, SENTIGRADE_METRICS_PORT=port) as stack:
        assert stack.exit_status() == 1
        (line,) = stack.output.splitlines()
    assert line == "sentigrade: SENTIGRADE_METRICS_PORT is the port of callers: set another one"


def test_a_later_start_without_a_port_opens_none(tmp_path: Path) -> None:
    port = free_port()
    with ready(tmp_path, SENTIGRADE_METRICS_PORT=str(port)):
        assert call(port, "GET", "/metrics").status == 200
    with ready(tmp_path), socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
