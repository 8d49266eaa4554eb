"""One text over HTTP, one worker: how many requests a second, and how much processor time for each."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.contenders import Contender
from bench.load import Load
from bench.processes import cpu_seconds

ROUNDS = 7
_WARM_UP_SECONDS = 1
_SECONDS = 3


class Throughput(NamedTuple):
    """What one contender did in one round."""

    requests_per_second: float
    cpu_us: float


def measure_throughput(contenders: Sequence[Contender], load: Load) -> dict[str, list[Throughput]]:
    """Load the contenders in turn, in another order each round; return the rounds of each by its name.

    What else the machine does comes and goes in minutes, so figures are compared within a round only.
    """
    rounds: dict[str, list[Throughput]] = {contender.name: [] for contender in contenders}
    for number in range(ROUNDS):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            rounds[contender.name].append(_measure(contender, load))
    return rounds


def _measure(contender: Contender, load: Load) -> Throughput:
    (worker,) = contender.workers
    load.send(contender, seconds=_WARM_UP_SECONDS)
    before = cpu_seconds(worker)
    sent = load.send(contender, seconds=_SECONDS)
    used = cpu_seconds(worker) - before
    return Throughput(sent.requests / sent.microseconds * 1e6, used / sent.requests * 1e6)
