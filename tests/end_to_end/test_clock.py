"""The wall clock jumps while callers ask. nginx keeps the true time, so the two of them disagree from then on."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.end_to_end.crowd import Crowd
from tests.end_to_end.moved_clock import sitecustomize
from tests.end_to_end.stack import Stack, ready, workers
from tests.live import wait_until


class Clock:
    """The wall clock of all Python processes that have `environ`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.move(0)

    @property
    def environ(self) -> dict[str, str]:
        path = [str(Path(sitecustomize.__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {"PYTHONPATH": os.pathsep.join(path), sitecustomize.VARIABLE: str(self._file)}

    def move(self, seconds: float) -> None:
        """Set it so far from the true time."""
        self._file.touch()
        with self._file.open("rb+", buffering=0) as file:
            file.write(sitecustomize.OFFSET.pack(seconds))


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock") / "offset")


@pytest.fixture(scope="module")
def stack(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with that clock."""
    with ready(tmp_path_factory.mktemp("stack"), **clock.environ) as running:
        yield running


@pytest.mark.parametrize("seconds", [3600, -3600, 10, -10])
def test_a_clock_that_jumps_and_jumps_back_costs_no_request(stack: Stack, clock: Clock, seconds: float) -> None:
    before = len(stack.output)
    with Crowd(stack.port) as crowd:
        clock.move(seconds)
        crowd.go_on()
        # A worker that starts now has never agreed with nginx about the time.
        old = set(workers(stack))
        os.kill(stack.gunicorn(), signal.SIGHUP)
        wait_until(lambda: old.isdisjoint(workers(stack)), "other workers")
        crowd.go_on()
        clock.move(0)
        crowd.go_on()
    steps = [later - earlier for earlier, later in pairwise(log_times(stack.output[before:]))]
    assert max(steps) > abs(seconds) / 2
    assert min(steps) < -abs(seconds) / 2


def log_times(output: str) -> list[float]:
    """Return when requests were answered, as their log lines say, in seconds."""
    lines = [json.loads(line) for line in output.splitlines() if '"message":"request"' in line]
    return [datetime.fromisoformat(line["time"]).timestamp() for line in lines]
