"""Many texts over HTTP, one worker: one call a text, lists, and the rows of a CSV."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from bench.asking import Contender
from bench.load import Load
from bench.table import Table

LIST_TEXTS = 1000
CSV_ROWS = 100_000
ROUNDS = 5
_WARM_UP_SECONDS = 1
_SECONDS = 3


class Many(NamedTuple):
    """Texts a second in one round."""

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

    def ratio(self, kind: str) -> float:
        """Return how many times as many texts as in single calls, the median over the rounds."""
        return median(row.of(kind) / row.singles for row in self.rounds)


def measure_many(contender: Contender, singles: Load, lists: Load, table: Table) -> Manies:
    """Send all three kinds in turn, single calls and lists over as many connections."""
    rounds = []
    for _ in range(ROUNDS):
        single_calls = _texts_per_second(contender, singles)
        in_lists = _texts_per_second(contender, lists)
        rounds.append(Many(single_calls, in_lists, table.rows / table.send(contender)))
    return Manies(rounds)


def _texts_per_second(contender: Contender, load: Load) -> float:
    load.send(contender, seconds=_WARM_UP_SECONDS)
    sent = load.send(contender, seconds=_SECONDS)
    return sent.requests * load.texts / sent.microseconds * 1e6
