"""`sentigrade run` as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench import processes
from bench.processes import children
from sentigrade.settings import Settings
from tests.live import REPOSITORY, call, free_port, wait_until

START_SECONDS = 60


class Stack:
    """A stack that was started on a free port, with its output in a file."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.port = int(settings.get("SENTIGRADE_PORT", free_port()))
        self.state = folder / "state"
        self._given = {"SENTIGRADE_PORT": str(self.port), "SENTIGRADE_WORKERS": "2", **settings}
        self._log = folder / "output"
        own = {name: value for name, value in os.environ.items() if not name.startswith("SENTIGRADE_")}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sentigrade", "run", "--state-folder", str(self.state)],
                cwd=REPOSITORY,
                env={**own, **self._given},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # as in a terminal: Ctrl-C goes to this group
            )

    @property
    def settings(self) -> Settings:
        """What the stack was started with."""
        return Settings.from_environ(self._given)

    @property
    def output(self) -> str:
        """Everything that the stack has printed."""
        return self._log.read_text()

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.process.poll() is not None or "is ready" in self.output, "readiness", START_SECONDS)
        assert self.process.poll() is None, self.output

    def gunicorn(self) -> int:
        """Return the process id of gunicorn's master."""
        return next(pid for pid in children(self.process.pid) if b"serve" in command_line(pid))

    def nginx(self) -> int:
        """Return the process id of nginx's master."""
        return next(pid for pid in children(self.process.pid) if b"nginx" in command_line(pid))

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def exit_status(self) -> int:
        return self.process.wait(30)


@contextmanager
def started(folder: Path, **settings: str) -> Iterator[Stack]:
    """Start a stack, and stop it in the end, whatever happens."""
    stack = Stack(folder, settings)
    try:
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.process.terminate()
            stack.exit_status()


@contextmanager
def ready(folder: Path, **settings: str) -> Iterator[Stack]:
    """Start a stack and wait until it answers and all of its workers are what they will be."""
    with started(folder, **settings) as stack:
        stack.wait_until_ready()
        assert call(stack.port, "GET", "/health/ready").status == 200
        wait_until(partial(has_all_workers, stack), "all workers")
        yield stack


def has_all_workers(stack: Stack) -> bool:
    """Whether as many workers live as the settings ask for, each with the role and the files of its own."""
    found = workers(stack)
    settings = stack.settings
    return len(found) == settings.worker_count + settings.row_worker_count and all(map(_listens, found))


def workers(stack: Stack) -> list[int]:
    """Return the process ids of all workers, without the watcher."""
    return [pid for pid in children(stack.gunicorn()) if b"serve" in command_line(pid)]


def _listens(worker: int) -> bool:
    """Whether a worker takes signals, which are held back until it has become what the master forked it for."""
    try:
        return "\nSigBlk:\t0000000000000000\n" in Path(f"/proc/{worker}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return False


def command_line(pid: int) -> bytes:
    """Return the command line of a process; empty when it has just ended."""
    try:
        return processes.command_line(pid)
    except (FileNotFoundError, ProcessLookupError):
        return b""
