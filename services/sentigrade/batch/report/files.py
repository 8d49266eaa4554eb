"""The files of a job as the page shows them: however many there are, it stays readable."""

from collections import Counter
from collections.abc import Sequence
from heapq import nlargest
from typing import NamedTuple

from sentigrade.batch.tally import FileSummary
from sentigrade.batch.wording import counted

MOST_FILES = 40


class ShownFiles(NamedTuple):
    """The files that are shown, the last of which stands for `merged` smaller ones."""

    files: tuple[FileSummary, ...]
    merged: int


def shown_files(files: Sequence[FileSummary]) -> ShownFiles:
    """Return all files, or the largest in their order and the others as one."""
    largest = set(nlargest(MOST_FILES, range(len(files)), key=lambda number: files[number].rows))
    others = [file for number, file in enumerate(files) if number not in largest]
    kept = [files[number] for number in sorted(largest)]
    return ShownFiles((*kept, _merged(others)) if others else tuple(kept), len(others))


def _merged(files: Sequence[FileSummary]) -> FileSummary:
    return FileSummary(
        name=counted(len(files), "other file"),
        rows=sum(file.rows for file in files),
        out=sum(file.out for file in files),
        labels=dict(sum((Counter(file.labels) for file in files), Counter())),
    )
