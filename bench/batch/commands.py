"""The commands that score a table, and how long they take."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from bench.batch.tables import Table
from bench.errors import BenchError
from bench.processes import running
from sentigrade.native_threads import bound_native_threads

_LOOK_SECONDS = 0.2


class Command(NamedTuple):
    """A program that reads the file and writes into the folder that its last two arguments name, on these cores."""

    name: str
    arguments: tuple[str, ...]
    cores: frozenset[int]


class Scored(NamedTuple):
    """What came of a table: the file, and the seconds from the command's start to its end."""

    output: Path
    seconds: float


def any_core() -> frozenset[int]:
    """Return the cores that this process may use."""
    return frozenset(os.sched_getaffinity(0))


def one_core() -> frozenset[int]:
    """Return one of them."""
    return frozenset({max(any_core())})


def batch(name: str, model: str, cores: frozenset[int], *options: str) -> Command:
    """Return `sentigrade batch` with the options."""
    return Command(name, (sys.executable, "-m", "sentigrade", "batch", "--model", model, *options), cores)


def contender(name: str, module: str, cores: frozenset[int]) -> Command:
    """Return one of the programs in `contenders`, which score with the first model of SENTIGRADE_MODELS."""
    return Command(name, (sys.executable, "-m", f"bench.batch.contenders.{module}"), cores)


@contextmanager
def scored(command: Command, table: Table, look: Callable[[int], object] | None = None) -> Iterator[Scored]:
    """Score a table, and give what came of it, which goes with the block; `look` gets the process id while it runs.

    Raises BenchError when the command fails or leaves out a row. What runs when anything else is raised is stopped.
    """
    environ: dict[str, str] = {}
    bound_native_threads(environ)
    with TemporaryDirectory(dir=table.file.parent) as folder, ExitStack() as stack:
        arguments, log = [*command.arguments, str(table.file), folder], table.file.with_suffix(".log")
        started = perf_counter()
        with _only_on(command.cores):
            process = stack.enter_context(running(arguments, log=log, environ=environ)).process
        while look and process.poll() is None:
            look(process.pid)
            time.sleep(_LOOK_SECONDS)
        status = process.wait()
        taken = perf_counter() - started
        if status:
            last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
            raise BenchError(f"{command.name} failed: {last}")
        output = Path(folder) / table.file.name
        _require_rows(command, output, table.rows)
        yield Scored(output, taken)


def seconds(command: Command, table: Table) -> float:
    """Return how long a command takes, from its start to its end."""
    with scored(command, table) as came:
        return came.seconds


def steady_rate(command: Command, small: Table, large: Table) -> float:
    """Return the rows a second without the start: those that the larger table has more, over the time that they take.

    Not a number where it takes no longer, as so few rows tell nothing.
    """
    start_and_few = seconds(command, small)
    longer = seconds(command, large) - start_and_few
    return (large.rows - small.rows) / longer if longer > 0 else float("nan")


def _require_rows(command: Command, output: Path, rows: int) -> None:
    # No sentence has a line break in it.
    with output.open("rb") as lines:
        count = sum(1 for _ in lines) - 1
    if count != rows:
        raise BenchError(f"{command.name} wrote {count:,} of {rows:,} rows")


@contextmanager
def _only_on(cores: frozenset[int]) -> Iterator[None]:
    """Let what is started inside the block run on these cores alone, and all that it starts."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
