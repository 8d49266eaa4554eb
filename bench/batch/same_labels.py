"""Whether two commands give the same labels: what gives others does other work."""

import csv

from bench.batch.commands import Command, scored
from bench.batch.tables import Table
from bench.errors import BenchError


def require_same_labels(ours: Command, other: Command, table: Table) -> None:
    """Raise BenchError, naming a row, unless both give each row the same label."""
    for number, (own, others) in enumerate(zip(_labels(ours, table), _labels(other, table), strict=True)):
        if own != others:
            raise BenchError(f"{other.name} labels row {number} {others!r}, {ours.name} {own!r}: they differ in work")


def _labels(command: Command, table: Table) -> list[str]:
    with scored(command, table) as came, came.output.open(newline="", encoding="utf-8") as lines:
        return [row["label"] for row in csv.DictReader(lines)]
