"""More requests than can be answered: how many are answered, how fast, and how fast the others are refused."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from bench.asking import Contender
from bench.connections import Answered
from bench.load import Load, Sent
from bench.open_loop import answers_at_rate

_WARM_UP_SECONDS = 2
_CAPACITY_SECONDS = 10
# Enough to keep two workers busy: one is answered, one waits.
_CAPACITY_CONNECTIONS = 4
# So many wait when refusals take as long as answers; nginx has room for twice as many.
_CONNECTIONS = 400

_OK, _REFUSED = 200, 503


class Offered(NamedTuple):
    """What came of requests that were sent by the clock: milliseconds of those answered and of those refused.

    `planned` is the rate that was wanted, `sent` the rate at which they left. `statuses` counts all, `hasty` the
    refusals that did not say when to come back.
    """

    planned: float
    sent: float
    seconds: float
    accepted: list[float]
    refused: list[float]
    lateness: list[float]
    statuses: Counter[int]
    hasty: int

    @property
    def accepted_per_second(self) -> float:
        """Requests a second that were answered."""
        return len(self.accepted) / self.seconds


class Overload(NamedTuple):
    """Capacity as wrk finds it, and what came of several times as many requests of `texts` texts, by how many times."""

    texts: int
    capacity: Sent
    offered: Mapping[float, Offered]

    def goodput(self, times: float) -> float:
        """Return the requests answered a second as a share of capacity."""
        return self.offered[times].accepted_per_second / self.capacity.per_second


def measure_overload(contender: Contender, load: Load, seconds: Mapping[float, float]) -> Overload:
    """Find capacity, then send so many times as many requests a second for so many seconds, one after the other."""
    load.send(contender, seconds=_WARM_UP_SECONDS, connections=_CAPACITY_CONNECTIONS)
    capacity = load.send(contender, seconds=_CAPACITY_SECONDS, connections=_CAPACITY_CONNECTIONS)
    offered = {times: _offer(contender, load, times * capacity.per_second, seconds[times]) for times in seconds}
    return Overload(load.texts, capacity, offered)


def _offer(contender: Contender, load: Load, rate: float, seconds: float) -> Offered:
    bodies = load.next_bodies(contender, round(rate * seconds))
    accepted, refused, lateness = [list[float]() for _ in range(3)]
    statuses, hasty, left = Counter[int](), 0, 0.0
    for answered in answers_at_rate(contender.port, bodies, per_second=rate, connections=_CONNECTIONS):
        (accepted if answered.status == _OK else refused).append(answered.latency)
        lateness.append(answered.lateness)
        statuses[answered.status] += 1
        hasty += is_hasty(answered)
        left = max(left, answered.number / rate + answered.lateness / 1000)
    return Offered(rate, len(bodies) / left, left, accepted, refused, lateness, statuses, hasty)


def is_hasty(answered: Answered) -> bool:
    """Whether an answer refuses a request for now without saying for how long."""
    return answered.status == _REFUSED and b"\r\nRetry-After: " not in answered.head


def percentile(milliseconds: list[float], percent: float) -> float | None:
    """Return what so many percent stay below; None of nothing."""
    return float(np.percentile(milliseconds, percent)) if milliseconds else None
