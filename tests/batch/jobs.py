"""Batch jobs in processes of their own, which can be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.processes import children
from sentigrade.batch.job import Place
from sentigrade.batch.scoring import ChunkScorer
from sentigrade.batch.tally import Done
from tests.batch.files import files_in
from tests.live import wait_until


class RunningJob:
    """A `sentigrade batch` that is under way."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    @property
    def pid(self) -> int:
        return self.process.pid

    def children(self) -> list[int]:
        """Return the processes that it has started and that are still there."""
        try:
            return children(self.pid)
        except (FileNotFoundError, ProcessLookupError):
            return []

    def is_over(self) -> bool:
        return self.process.poll() is not None

    def wait_for_chunks(self, sink: Path, count: int = 1) -> None:
        """Wait until so many are done of a job that has not ended yet; fail at once, with what it said, where it has.

        A cluster that starts beside other tests takes a minute until an actor has made its imports.
        """
        done = sink / "_batch" / "done"
        wait_until(lambda: self.is_over() or files_in(done) >= count, f"{count} chunks", 200)
        assert not self.is_over(), self.end()

    def end(self, within: float = 100) -> tuple[int, str]:
        """Wait until it has ended, for so many seconds; return its status and what it said."""
        said, _ = self.process.communicate(timeout=within)
        return self.process.returncode, said


@contextmanager
def running_job(*arguments: str | Path, environ: Mapping[str, str]) -> Iterator[RunningJob]:
    """Start `sentigrade batch`, and end it in the end, whatever happens."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "RAY_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "sentigrade", "batch", *map(str, arguments)],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **inherited, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield RunningJob(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def finished_job(*arguments: str | Path, environ: Mapping[str, str], within: float = 100) -> str:
    """Return what a job says that is done in the end; one that takes long says how far it is as well."""
    with running_job(*arguments, environ=environ) as job:
        status, said = job.end(within)
    assert status == 0, said
    return said


class InThisProcess:
    """An engine without processes, for tests whose process has threads, which do not survive a fork."""

    def __init__(self, scorer: ChunkScorer) -> None:
        self._scorer = scorer

    def run(self, places: Sequence[Place]) -> Iterator[Done]:
        """Score one chunk after the other."""
        try:
            yield from map(self._scorer.score, places)
        finally:
            self._scorer.close()


def kill(pid: int) -> None:
    """End a process at once."""
    os.kill(pid, signal.SIGKILL)


def wait_until_gone(pids: list[int]) -> None:
    """Wait until processes are there no more, or are but entries that nobody has read."""
    wait_until(lambda: not any(map(_is_alive, pids)), f"the end of {pids}")


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
