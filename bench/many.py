"""Many texts over HTTP, one worker: one call a text, lists, and the rows of a CSV."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from bench.asking import Contender
from bench.load import CONNECTIONS, Load
from bench.table import Table

LIST_TEXTS = 1000
CSV_ROWS = 100_000
ROUNDS = 5
_WARM_UP_SECONDS = 1
_SECONDS = 3


class Many(NamedTuple):
    """Texts a second in one round: of one caller, and of as many as keep the worker busy."""

    caller_singles: float
    caller_lists: float
    singles: float
    lists: float
    rows: float

    def of(self, kind: str) -> float:
        """Return one of the fields."""
        value: float = getattr(self, kind)
        return value


class Manies(NamedTuple):
    """All rounds."""

    rounds: Sequence[Many]

    def per_second(self, kind: str) -> float:
        """Return the median of one of the fields."""
        return median(row.of(kind) for row in self.rounds)

    def ratio(self, kind: str, singles: str = "singles") -> float:
        """Return how many times as many texts as in single calls, the median over the rounds."""
        return median(row.of(kind) / row.of(singles) for row in self.rounds)


def measure_many(contender: Contender, singles: Load, lists: Load, table: Table) -> Manies:
    """Send all kinds in turn, single calls and lists over as many connections."""
    rounds = []
    for _ in range(ROUNDS):
        rounds.append(
            Many(
                caller_singles=_texts_per_second(contender, singles, 1),
                caller_lists=_texts_per_second(contender, lists, 1),
                singles=_texts_per_second(contender, singles, CONNECTIONS),
                lists=_texts_per_second(contender, lists, CONNECTIONS),
                rows=table.rows / table.send(contender),
            )
        )
    return Manies(rounds)


def _texts_per_second(contender: Contender, load: Load, connections: int) -> float:
    load.send(contender, seconds=_WARM_UP_SECONDS, connections=connections)
    sent = load.send(contender, seconds=_SECONDS, connections=connections)
    return sent.requests * load.texts / sent.microseconds * 1e6
