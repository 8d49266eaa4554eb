"""The contenders: servers that answer the same request, each on a unix socket behind an nginx of its own.

bare          Flask and gunicorn with an answer that never changes: what they take as they come
ours          `sentigrade serve`, with its log lines and metrics
scikit-learn  Flask around the pickled pipeline, with our cleaning: what one would write first
"""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.asking import WARM_UP, Contender, ask
from bench.errors import BenchError
from bench.processes import Server, running
from sentigrade.local_stack import Nginx
from sentigrade.settings import Settings

BARE, OURS, SCIKIT_LEARN = "bare", "ours", "scikit-learn"
CONTENDERS = (BARE, OURS, SCIKIT_LEARN)

_APPS = {BARE: "bench.apps.bare:app", SCIKIT_LEARN: "bench.apps.scikit_learn:app"}
_START_SECONDS = 30


@contextmanager
def serving(name: str, folder: Path, *, workers: int) -> Iterator[Contender]:
    """Start a contender and its nginx, with their files in `folder`; inside the block it has answered."""
    folder.mkdir()
    upstream = folder / "web.sock"
    settings = Settings(port=free_port(), connections_per_caller=65_535)
    with (
        server(name, upstream, workers=workers) as started,
        Nginx(settings, f"unix:{upstream}", configuration=Path("nginx"), state=folder / "nginx") as nginx,
    ):
        _wait_for_answer(nginx.port, started, workers=workers)
        yield Contender(name, nginx.port, started.workers())


@contextmanager
def server(name: str, upstream: Path, *, workers: int) -> Iterator[Server]:
    """Start a contender that will listen on the unix socket `upstream`."""
    bind = f"unix:{upstream}"
    if name == OURS:
        command = [sys.executable, "-m", "sentigrade", "serve"]
        environ = {"SENTIGRADE_BIND": bind, "SENTIGRADE_WORKERS": str(workers), "SENTIGRADE_LOG_LEVEL": "info"}
    else:
        command = [sys.executable, "-m", "gunicorn", _APPS[name], "--worker-class=sync", "--no-control-socket"]
        command += [f"--bind={bind}", f"--workers={workers}"]
        environ = {}
    with running(command, log=upstream.with_suffix(".log"), environ=environ) as started:
        yield started


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_answer(port: int, started: Server, *, workers: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        started.require_running()
        if ask(port, WARM_UP) is not None and len(started.workers()) == workers:
            return
        time.sleep(0.05)
    raise BenchError(f"no answer in {_START_SECONDS} seconds; the contender's output is in {started.log}")
