"""Where the parts of a drawing lie and how long they are, as shares of the whole; the page draws them as SVG."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from sentigrade.batch.report.legend import Entry
from sentigrade.batch.wording import BLANK

# A column of anything at all is seen, however few there are beside the others.
_LEAST_HEIGHT = 0.01


class Piece(NamedTuple):
    """A part of a stacked bar."""

    entry: Entry
    rows: int
    start: float
    width: float


def stacked(entries: Sequence[Entry], counts: Mapping[str, int]) -> tuple[Piece, ...]:
    """Return the parts of a bar whose whole length is all that was counted; what did not occur has none."""
    numbers = [entry.rows_in(counts) for entry in entries]
    total = sum(numbers)
    starts = accumulate(numbers, initial=0)
    return tuple(
        Piece(entry, number, start / total, number / total)
        for entry, number, start in zip(entries, numbers, starts, strict=False)
        if number
    )


class Column(NamedTuple):
    """A column of a histogram; `height` is its share of the highest one's."""

    low: float
    high: float
    rows: int
    start: float
    height: float

    @property
    def name(self) -> str:
        """What is counted in it."""
        return f"{100 * self.low:.0f}{BLANK}% to {100 * self.high:.0f}{BLANK}%"


class Histogram(NamedTuple):
    """The columns of a histogram, from left to right."""

    columns: tuple[Column, ...]

    @property
    def width(self) -> float:
        """How wide each column is."""
        return 1 / len(self.columns)

    @property
    def highest(self) -> Column:
        """The highest column, the first of several."""
        return max(self.columns, key=lambda column: column.rows)

    @property
    def middle(self) -> Column:
        """The column in which the middle one of all that is counted lies."""
        reached = accumulate(column.rows for column in self.columns)
        return next(column for column, count in zip(self.columns, reached, strict=True) if 2 * count >= self._total)

    @property
    def ticks(self) -> tuple[str, ...]:
        """What stands below: both ends and, evenly between them, three values."""
        low, high = self.columns[0].low, self.columns[-1].high
        return tuple(f"{100 * (low + (high - low) * quarter / 4):.3g}{BLANK}%" for quarter in range(5))

    def share_from(self, low: float) -> float:
        """Return the share of what is counted in the columns from `low` on."""
        return sum(column.rows for column in self.columns if column.low >= low) / self._total

    @property
    def _total(self) -> int:
        return sum(column.rows for column in self.columns)


def histogram(counts: Sequence[int], begin: int = 0) -> Histogram:
    """Return the histogram of counts in equal steps from 0 to 1, without the steps before `begin`."""
    steps, most = len(counts), max(counts)
    return Histogram(
        tuple(
            Column(
                low=step / steps,
                high=(step + 1) / steps,
                rows=counts[step],
                start=(step - begin) / (steps - begin),
                height=max(counts[step] / most, _LEAST_HEIGHT) if counts[step] else 0,
            )
            for step in range(begin, steps)
        )
    )
