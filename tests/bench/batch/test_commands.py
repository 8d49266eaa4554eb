"""Commands that are really run, most of them a line of Python."""

import os
import sys

import pytest

from bench.batch.commands import Command, any_core, batch, one_core, scored, seconds, steady_rate
from bench.batch.tables import Tables
from bench.errors import BenchError

COPY = "shutil.copy(source, sink)"


def program(line: str, cores: frozenset[int] | None = None) -> Command:
    line = f"import os, shutil, sys, time; source, sink = sys.argv[1:]; {line}"
    return Command("a program", (sys.executable, "-c", line), cores or any_core())


def test_a_command_that_fails_says_its_last_line(tables: Tables) -> None:
    with pytest.raises(BenchError, match=r"a program failed: no such model$"):
        seconds(program("print('looking'); sys.exit('no such model')"), tables.of(3))


def test_a_command_that_leaves_out_rows_is_not_compared(tables: Tables) -> None:
    with pytest.raises(BenchError, match=r"ours wrote 2 of 3 rows"):
        seconds(batch("ours", "sentiment", any_core(), "--limit", "2"), tables.of(3))


def test_a_command_runs_on_its_cores_alone(tables: Tables) -> None:
    before = os.sched_getaffinity(0)
    prove = f"{COPY}; sys.exit(os.sched_getaffinity(0) != {set(one_core())})"
    assert seconds(program(prove, one_core()), tables.of(3)) > 0
    assert os.sched_getaffinity(0) == before


def test_a_command_is_stopped_when_the_bench_is(tables: Tables) -> None:
    pids: list[int] = []

    def interrupt(pid: int) -> None:
        pids.append(pid)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), scored(program("time.sleep(60)"), tables.of(3), interrupt):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_what_a_command_wrote_goes_when_it_is_done(tables: Tables) -> None:
    with scored(program(COPY), tables.of(3)) as came:
        assert came.output.read_bytes() == tables.of(3).file.read_bytes()
    assert not came.output.parent.exists()


def test_the_start_is_not_in_the_rate(tables: Tables) -> None:
    slow_start = program(f"time.sleep(2 + 0.002 * int(os.path.basename(source)[:-4])); {COPY}")
    # It sleeps a second longer for 500 rows more. With the start it would be 170 rows a second at most.
    assert steady_rate(slow_start, tables.of(10), tables.of(510)) > 200


def test_where_more_rows_take_no_longer_there_is_no_rate(tables: Tables) -> None:
    few_are_slow = program(f"time.sleep(2 if source.endswith('/1.csv') else 0); {COPY}")
    assert str(steady_rate(few_are_slow, tables.of(1), tables.of(2))) == "nan"
