"""The whole stack, as `make run` starts it, and its processes."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.asking import WARM_UP, Contender, ask
from bench.contenders import OURS, free_port
from bench.errors import BenchError
from bench.processes import Server, children, command_line, niceness, proportional_bytes, running

_START_SECONDS = 60


class Memory(NamedTuple):
    """Megabytes (10**6 bytes), pages that several processes share counted once."""

    service: float
    nginx: float


class Stack(NamedTuple):
    """A running stack that answers on `port`."""

    server: Server
    port: int

    @property
    def contender(self) -> Contender:
        """What the senders of the bench ask."""
        return Contender(OURS, self.port, ())

    def workers(self) -> dict[int, str]:
        """Return the role of each worker by its process id: `rows` for those that make way for others, else `web`."""
        own = niceness(self.server.process.pid)
        return {pid: "rows" if niceness(pid) > own else "web" for pid in children(self._master(b"serve"))}

    def memory(self) -> Memory:
        """Return what gunicorn's processes hold, and what nginx's hold."""
        return Memory(*(_megabytes(self._master(name)) for name in (b"serve", b"nginx")))

    def _master(self, name: bytes) -> int:
        return next(pid for pid in children(self.server.process.pid) if name in command_line(pid))


@contextmanager
def serving_whole(folder: Path, *, workers: int) -> Iterator[Stack]:
    """Start a stack, with its files in `folder`; inside the block it has answered."""
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "sentigrade", "run", "--state-folder", str(folder / "state")]
    environ = {"SENTIGRADE_PORT": str(port), "SENTIGRADE_WORKERS": str(workers)}
    with running(command, log=folder / "output", environ=environ) as server:
        _wait_for_answer(server, port)
        yield Stack(server, port)


def _wait_for_answer(server: Server, port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        server.require_running()
        try:
            if ask(port, WARM_UP) is not None:
                return
        except OSError:  # nginx does not listen yet
            pass
        time.sleep(0.05)
    raise BenchError(f"no answer in {_START_SECONDS} seconds; the output is in {server.log}")


def _megabytes(master: int) -> float:
    return sum(map(proportional_bytes, (master, *children(master)))) / 1e6
