"""Latency of single texts while a large body of rows is answered, against the same without rows."""

import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from bench.asking import Contender
from bench.latency import Latency
from bench.load import Load
from bench.open_loop import send_at_rate
from bench.table import Table

ROUNDS = 7
ROWS = 420_000
_CAPACITY_SECONDS = 4
_WARM_UP_SECONDS = 1
_SECONDS = 4
_QUIET_SECONDS = 1


class Round(NamedTuple):
    """Both latencies of one round."""

    alone: Latency
    beside: Latency

    def of(self, kind: str) -> Latency:
        """Return one of the fields."""
        latency: Latency = getattr(self, kind)
        return latency


class BesideRows(NamedTuple):
    """All rounds at `rate` requests a second, and the size of the body."""

    rate: float
    megabytes: float
    rounds: Sequence[Round]

    def percentile(self, kind: str, percent: float) -> float:
        """Return the median over the rounds of one of the fields."""
        return median(row.of(kind).percentile(percent) for row in self.rounds)

    def ratio(self, percent: float) -> float:
        """Return how many times as long a text takes beside rows, the median over the rounds."""
        return median(row.beside.percentile(percent) / row.alone.percentile(percent) for row in self.rounds)


def measure_beside_rows(contender: Contender, load: Load, table: Table) -> BesideRows:
    """Ask at half of capacity, by the clock, with and without rows in turn."""
    load.send(contender, seconds=_WARM_UP_SECONDS)
    sent = load.send(contender, seconds=_CAPACITY_SECONDS)
    rate = sent.requests / sent.microseconds * 1e6 / 2
    return BesideRows(rate, table.megabytes(), [_measure(contender, load, table, rate) for _ in range(ROUNDS)])


def _measure(contender: Contender, load: Load, table: Table, rate: float) -> Round:
    alone = _ask(contender, load, rate)
    with table.being_sent(contender):
        beside = _ask(contender, load, rate)
    time.sleep(_QUIET_SECONDS)  # until the row worker has noticed that nobody listens
    return Round(alone, beside)


def _ask(contender: Contender, load: Load, rate: float) -> Latency:
    for seconds in (_WARM_UP_SECONDS, _SECONDS):
        answered = send_at_rate(contender.port, load.next_bodies(contender, round(rate * seconds)), per_second=rate)
    return Latency.of(answered)
