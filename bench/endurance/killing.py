"""Workers that are killed, one after the other, while texts are answered at half load."""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

from bench.endurance.stack import Stack
from bench.load import Load
from bench.open_loop import answers_at_rate

EVERY_SECONDS = 2.0
_WARM_UP_SECONDS = 2
_CAPACITY_SECONDS = 5


class Killing(NamedTuple):
    """Milliseconds of all requests that were sent at `rate`, the statuses of their answers, and who was killed."""

    seed: int
    rate: float
    milliseconds: list[float]
    statuses: Counter[int]
    killed: Counter[str]

    @property
    def failed(self) -> int:
        """How many requests were not answered as they should be."""
        return self.statuses.total() - self.statuses[200]


def measure_killing(stack: Stack, load: Load, *, seconds: float, seed: int) -> Killing:
    """Send texts by the clock, at half of capacity, while a killer goes about.

    Raises BenchError when a request gets no answer at all.
    """
    load.send(stack.contender, seconds=_WARM_UP_SECONDS)
    rate = load.send(stack.contender, seconds=_CAPACITY_SECONDS).per_second / 2
    bodies = load.next_bodies(stack.contender, round(rate * seconds))
    milliseconds, statuses = [], Counter[int]()
    with _Killer(stack, seed) as killer:
        for answered in answers_at_rate(stack.port, bodies, per_second=rate):
            milliseconds.append(answered.latency)
            statuses[answered.status] += 1
    return Killing(seed, rate, milliseconds, statuses, killer.killed)


class _Killer(threading.Thread):
    """Kills a worker at a random moment of every two seconds, inside the block: any of them."""

    def __init__(self, stack: Stack, seed: int) -> None:
        super().__init__()
        self.killed: Counter[str] = Counter()
        self._stack = stack
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._stop_asked = threading.Event()

    def __enter__(self) -> "_Killer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_asked.set()
        self.join()

    def run(self) -> None:
        window = time.monotonic()
        while not self._stop_asked.wait(window + self._chance.uniform(0, EVERY_SECONDS) - time.monotonic()):
            self._kill()
            window += EVERY_SECONDS

    def _kill(self) -> None:
        with suppress(ProcessLookupError):  # one that was killed a moment ago
            workers = self._stack.workers()
            victim = self._chance.choice(sorted(workers))
            os.kill(victim, signal.SIGKILL)
            self.killed[workers[victim]] += 1
