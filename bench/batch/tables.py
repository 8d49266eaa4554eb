"""CSVs of sentences, of any number of rows."""

import csv
import shutil
from collections.abc import Sequence
from itertools import chain, cycle, islice
from pathlib import Path
from typing import NamedTuple

from bench.errors import BenchError

# How many times the sentences alone: a table, the chunks and the output of a job with ten columns more, and some to
# spare.
_ROOM = 6


class Table(NamedTuple):
    """A CSV with the columns id and text."""

    file: Path
    rows: int


class Tables:
    """Tables of the same sentences, which come again where there are more rows than sentences.

    That flatters nobody who remembers words, as long as fewer are remembered than come: `bench.batch.novelty` says so.
    """

    def __init__(self, folder: Path, sentences: Sequence[str]) -> None:
        self._folder = folder
        self._sentences = sentences
        self._bytes = sum(map(len, sentences)) / len(sentences)

    def of(self, rows: int) -> Table:
        """Return the table of so many rows; raises BenchError when there is no room to score it."""
        file = self._folder / f"{rows}.csv"
        if not file.exists():
            self._require_room(rows)
            with file.open("w", encoding="utf-8", newline="") as lines:
                numbered = enumerate(islice(cycle(self._sentences), rows))
                csv.writer(lines, lineterminator="\n").writerows(chain([("id", "text")], numbered))
        return Table(file, rows)

    def _require_room(self, rows: int) -> None:
        free, needed = shutil.disk_usage(self._folder).free, rows * self._bytes * _ROOM
        if free < needed:
            raise BenchError(
                f"{rows:,} rows need {needed / 1e9:.1f} GB in {self._folder}, where {free / 1e9:.1f} GB are free: "
                "set SENTIGRADE_SPOOL to a folder with more, or --share to fewer rows"
            )
