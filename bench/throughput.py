"""One text over HTTP, one worker: how many requests a second, and how much processor time for each."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from bench.asking import Contender
from bench.contenders import BARE
from bench.load import Load
from bench.processes import cpu_seconds

ROUNDS = 7
_WARM_UP_SECONDS = 1
_SECONDS = 3


class Throughput(NamedTuple):
    """What one contender did in one round."""

    requests_per_second: float
    cpu_us: float


class Throughputs(NamedTuple):
    """The rounds of each contender, by its name."""

    rounds: Mapping[str, Sequence[Throughput]]

    def requests_per_second(self, name: str) -> float:
        """Return the median over the rounds of a contender."""
        return median(row.requests_per_second for row in self.rounds[name])

    def cpu_us(self, name: str) -> float:
        """Return the median over the rounds of a contender."""
        return median(row.cpu_us for row in self.rounds[name])

    def ratios(self, name: str, other: str) -> list[float]:
        """Return, for each round, what `name` did compared with `other`."""
        rounds = zip(self.rounds[name], self.rounds[other], strict=True)
        return [row.requests_per_second / others.requests_per_second for row, others in rounds]

    def added_cpu_us(self, name: str) -> float:
        """Return the median of what a request to `name` took more than one to `bare` in the same round."""
        rounds = zip(self.rounds[name], self.rounds[BARE], strict=True)
        return median(row.cpu_us - bare.cpu_us for row, bare in rounds)


def measure_throughput(contenders: Sequence[Contender], load: Load) -> Throughputs:
    """Load the contenders in turn, in another order each round.

    What else the machine does comes and goes in minutes, so figures are compared within a round only.
    """
    rounds: dict[str, list[Throughput]] = {contender.name: [] for contender in contenders}
    for number in range(ROUNDS):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            rounds[contender.name].append(_measure(contender, load))
    return Throughputs(rounds)


def _measure(contender: Contender, load: Load) -> Throughput:
    load.send(contender, seconds=_WARM_UP_SECONDS)
    before = _used_seconds(contender)
    sent = load.send(contender, seconds=_SECONDS)
    used = _used_seconds(contender) - before
    return Throughput(sent.requests / sent.microseconds * 1e6, used / sent.requests * 1e6)


def _used_seconds(contender: Contender) -> float:
    return sum(map(cpu_seconds, contender.workers))
