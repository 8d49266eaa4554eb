"""Starts ours, the constant answer and the peers, each behind an nginx of its own, and times how long that takes."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.asking import WARM_UP, Contender, ask
from bench.contenders import free_port, server
from bench.errors import BenchError
from bench.peers.nginx_copy import copy_for_peers
from bench.peers.process_tree import process_tree
from bench.peers.roster import PEERS, program
from bench.processes import Server, running
from sentigrade.local_stack import Nginx
from sentigrade.settings import Settings

_CONFIGURATION = Path("nginx")
_LONGEST_SECONDS = 60
_LOOK_SECONDS = 0.005


class Standing(NamedTuple):
    """A contender that answers, all its processes counted as workers, and the seconds from its start to an answer."""

    contender: Contender
    ready: float


@contextmanager
def standing(name: str, folder: Path) -> Iterator[Standing]:
    """Start a contender behind a running nginx, with their files in `folder`; inside the block it has answered."""
    folder.mkdir()
    if name in PEERS:
        port = free_port()
        upstream, configuration = f"127.0.0.1:{port}", copy_for_peers(_CONFIGURATION, folder / "configuration")
        starting = _peer(name, folder, port)
    else:
        path = folder / "web.sock"
        upstream, configuration = f"unix:{path}", _CONFIGURATION
        starting = server(name, path, workers=1)
    with Nginx(Settings(port=free_port()), upstream, configuration=configuration, state=folder / "nginx") as nginx:
        began = time.perf_counter()
        with starting as started:
            _wait_for_answer(name, nginx.port, started)
            ready = time.perf_counter() - began
            yield Standing(Contender(name, nginx.port, process_tree(started.process.pid)), ready)


def _peer(name: str, folder: Path, port: int) -> AbstractContextManager[Server]:
    command = PEERS[name](folder, port)
    # The bench and our package are not installed in a peer's environment.
    environ = {**command.environ, "PYTHONPATH": f"{Path.cwd()}:{Path.cwd() / 'services'}"}
    return running(program(name, command), log=folder / "output.log", environ=environ)


def _wait_for_answer(name: str, port: int, started: Server) -> None:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while ask(port, WARM_UP) is None:
        started.require_running()
        if time.monotonic() > deadline:
            raise BenchError(f"{name} gave no answer in {_LONGEST_SECONDS} seconds")
        time.sleep(_LOOK_SECONDS)
