"""Latency at a fixed rate: half of what ours can do, for ours and for the constant answer alike."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from bench.asking import Contender
from bench.connections import Answered
from bench.contenders import BARE, OURS
from bench.load import Load
from bench.open_loop import send_at_rate

ROUNDS = 9
_WARM_UP_SECONDS = 1
_SECONDS = 4


class Latency(NamedTuple):
    """Milliseconds of one contender in one round, sorted; `lateness` is the sender's own."""

    answered: list[float]
    lateness: list[float]

    @classmethod
    def of(cls, times: Sequence[Answered]) -> "Latency":
        """Sort the times of a round."""
        latencies, lateness, *_ = zip(*times, strict=True)
        return cls(sorted(latencies), sorted(lateness))

    def percentile(self, percent: float) -> float:
        """Return the latency that so many percent of the requests stay below."""
        return float(np.percentile(self.answered, percent))


class Latencies(NamedTuple):
    """The rounds of `bare` and ours at `rate` requests a second."""

    rate: float
    rounds: Mapping[str, Sequence[Latency]]

    def percentile(self, name: str, percent: float) -> float:
        """Return the median over the rounds of a contender."""
        return median(latency.percentile(percent) for latency in self.rounds[name])

    def ratios(self, percent: float) -> list[float]:
        """Return, for each round, the percentile of ours compared with that of `bare`."""
        rounds = zip(self.rounds[OURS], self.rounds[BARE], strict=True)
        return [ours.percentile(percent) / bare.percentile(percent) for ours, bare in rounds]

    def lateness(self) -> float:
        """Return how late the sender was at its 99th percentile, the median over all rounds."""
        return median(float(np.percentile(row.lateness, 99)) for rows in self.rounds.values() for row in rows)


def measure_latency(contenders: Sequence[Contender], load: Load, *, rate: float) -> Latencies:
    """Ask the contenders in turn at `rate` requests a second, in another order each round."""
    asked = [contender for contender in contenders if contender.name in (BARE, OURS)]
    rounds: dict[str, list[Latency]] = {contender.name: [] for contender in asked}
    for number in range(ROUNDS):
        for contender in asked if number % 2 else reversed(asked):
            _ask(contender, load, rate, _WARM_UP_SECONDS)
            rounds[contender.name].append(Latency.of(_ask(contender, load, rate, _SECONDS)))
    return Latencies(rate, rounds)


def _ask(contender: Contender, load: Load, rate: float, seconds: int) -> list[Answered]:
    return send_at_rate(contender.port, load.next_bodies(contender, round(rate * seconds)), per_second=rate)
