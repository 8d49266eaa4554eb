"""What the inside network sees: gunicorn's own socket, without nginx."""

import os
import signal
import socket
from pathlib import Path

from bench.processes import children
from tests.end_to_end.stack import Stack, ready
from tests.live import predict, receive, wait_until

ANSWERED = 'sentigrade_requests_total{method="POST",path="/v1/predict",status="200"}'


def metrics(stack: Stack) -> dict[str, float]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(stack.state / "web.sock"))
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        lines = receive(connection).text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_counts_are_summed_over_the_workers_and_survive_a_dead_one(tmp_path: Path) -> None:
    with ready(tmp_path) as stack:
        for _ in range(20):
            predict(stack.port, "A fine film.")
        assert metrics(stack)[ANSWERED] == 20

        workers = set(children(stack.gunicorn()))
        os.kill(min(workers), signal.SIGKILL)
        wait_until(lambda: len(set(children(stack.gunicorn())) - workers) == 1, "a new worker")
        for _ in range(20):
            predict(stack.port, "A fine film.")
        assert metrics(stack)[ANSWERED] == 40
