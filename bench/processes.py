"""Servers that the bench starts, and what the kernel knows of their processes."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.errors import BenchError
from sentigrade.local_stack import stop_session

_STOP_SECONDS = 10
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Server(NamedTuple):
    """A server that was started; its output goes to `log`."""

    process: subprocess.Popen[bytes]
    log: Path

    def require_running(self) -> None:
        """Raise BenchError, with the server's last line, when it has ended."""
        if self.process.poll() is not None:
            last = self.log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
            raise BenchError(f"the server {self.log.parent.name} ended by itself: {last}")

    def workers(self) -> tuple[int, ...]:
        """Return the pids of its child processes, without those that make way for others: ours for rows."""
        pid = self.process.pid
        return tuple(child for child in children(pid) if niceness(child) <= niceness(pid))


@contextmanager
def running(command: Sequence[str], *, log: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """Run a server with `environ` added to our own environment; on leaving it is stopped, whatever happened."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environ}, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield Server(process, log)
    finally:
        stop_session(process, signal.SIGTERM, _STOP_SECONDS)


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_line(pid: int) -> bytes:
    """Return the command line of a process, its parts ended by zeros."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def niceness(pid: int) -> int:
    """Return how far a process makes way for others, 0 to 19 for those of ours."""
    return os.getpriority(os.PRIO_PROCESS, pid)


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / _TICKS_PER_SECOND


def unshared_bytes(pid: int) -> int:
    """Return the memory that a process shares with no other."""
    return _rollup(pid, "Private_Clean:", "Private_Dirty:")


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process, of each page that several share only its part."""
    return _rollup(pid, "Pss:")


def _rollup(pid: int, *names: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))
