"""Start to ready, against importing what a serving process imports."""

import http.client
import socket
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from bench.contenders import OURS, server
from bench.errors import BenchError

ROUNDS = 7
_LONGEST_SECONDS = 30
_LOOK_SECONDS = 0.002

_DEPENDENCIES = "flask, gunicorn.app.base, spacy, spacy.lang.en, numpy, joblib, msgspec, prometheus_client"
_SCIKIT_LEARN = "sklearn.feature_extraction.text, sklearn.pipeline, sklearn.svm"


class Start(NamedTuple):
    """Seconds of one round: ours to ready, the imports alone, the imports with scikit-learn."""

    ready: float
    imports: float
    imports_with_scikit_learn: float


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_LONGEST_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's path."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def measure_start(folder: Path) -> list[Start]:
    """Start ours and the imports in turn; sockets and logs go to `folder`."""
    folder.mkdir()
    return [
        Start(
            ready=_time_to_ready(folder / f"{number}.sock"),
            imports=_time_to_import(_DEPENDENCIES),
            imports_with_scikit_learn=_time_to_import(f"{_DEPENDENCIES}, {_SCIKIT_LEARN}"),
        )
        for number in range(ROUNDS)
    ]


def _time_to_ready(upstream: Path) -> float:
    started = time.perf_counter()
    with server(OURS, upstream, workers=1) as ours:
        while not _is_ready(upstream):
            ours.require_running()
            if time.perf_counter() - started > _LONGEST_SECONDS:
                raise BenchError(f"sentigrade was not ready in {_LONGEST_SECONDS} seconds")
            time.sleep(_LOOK_SECONDS)
        return time.perf_counter() - started


def _is_ready(upstream: Path) -> bool:
    connection = _UnixConnection(upstream)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (FileNotFoundError, ConnectionError):
        return False
    finally:
        connection.close()


def _time_to_import(modules: str) -> float:
    """Return the seconds until the modules are imported; how long the interpreter takes to end does not count."""
    started = time.perf_counter()
    command = [sys.executable, "-c", f"import {modules}; print(flush=True)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise BenchError(f"cannot import {modules}")
        return time.perf_counter() - started
