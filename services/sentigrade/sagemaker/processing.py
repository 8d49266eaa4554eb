"""Labelled files become lines of cleaned text, as fastText and BlazingText learn from."""

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sentigrade.data.fasttext_file import SUFFIXES, format_line
from sentigrade.data.labelled_file import Columns, LabelledRow, labelled_rows
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import make_labels, slug_of
from sentigrade.sagemaker.channels import labelled_files
from sentigrade.sagemaker.jobs import Processing
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import CleaningProfile

_BLOCK_ROWS = 1000


def clean_files(job: Processing, unfinished: Path) -> None:
    """Write a line for each row into files in the folder `unfinished`, and move all of them when all are whole.

    Raises DataError, naming file and line, for a row that cannot be used, and SettingError for a file that is there.
    """
    places = _places(labelled_files(job.source), job.source)
    for place in places.values():
        if (job.target / place).exists():
            raise SettingError(f"{job.target / place} is there already: give an empty folder for the output")
    cleaner = _cleaner(job.model)
    label_ids = _LabelIds(job.ordered)
    columns = Columns(job.text_column, job.label_column)
    for file, place in places.items():
        lines = (
            format_line(label_ids.of(row, file), cleaned)
            for block in _blocks(labelled_rows(file, columns))
            for row, cleaned in zip(block, cleaner.clean([row.text for row in block]), strict=True)
        )
        print(f"{file.relative_to(job.source)}: {_write(lines, unfinished / place)} rows", flush=True)
    for place in places.values():
        (job.target / place).parent.mkdir(parents=True, exist_ok=True)
    for place in places.values():
        (unfinished / place).replace(job.target / place)


def _write(lines: Iterator[str], path: Path) -> int:
    """Write lines into a new file and return how many there were."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(line)
            count += 1
    return count


def _places(files: Sequence[Path], source: Path) -> dict[Path, Path]:
    """Return where the lines of each file go: tables become .txt files, files of fastText keep their names."""
    places: dict[Path, Path] = {}
    for file in files:
        place = file.relative_to(source).with_name(file.name.removesuffix(".gz"))
        if place.suffix not in SUFFIXES:
            place = place.with_suffix(".txt")
        if place in places.values():
            raise DataError(f"{file}: another file becomes {place} as well; rename one of them")
        places[file] = place
    return places


def _cleaner(reference: str | None) -> Cleaner:
    if reference is None:
        return Cleaner(CleaningProfile())
    return open_model(reference, Settings.from_environ(os.environ)).cleaner


class _LabelIds:
    """The ids of labels, which are words of fastText."""

    def __init__(self, ordered: Sequence[str]) -> None:
        """`ordered` are the only labels, if there are any."""
        try:
            labels = make_labels(ordered, ordered=True).items
        except ValueError as error:
            raise DataError(f"the ordered labels cannot be used: {error}") from None
        self._ids = {spelling: label.id for label in labels for spelling in (label.id, label.name)}
        self._are_known = bool(ordered)

    def of(self, row: LabelledRow, file: Path) -> str:
        """Return the id of a row's label; raises DataError for one that has none of its own."""
        if row.label not in self._ids:
            try:
                self._ids[row.label] = self._of_new(row.label)
            except ValueError as error:
                raise DataError(f"{file}, line {row.line}: {error}") from None
        return self._ids[row.label]

    def _of_new(self, label: str) -> str:
        if self._are_known:
            raise ValueError(f"the label {label!r} is not among the ordered ones")
        label_id = slug_of(label)
        if label_id in self._ids.values():
            raise ValueError(f"the label {label!r} and an earlier one have the same id, {label_id}: rename one of them")
        return label_id


def _blocks(rows: Iterator[LabelledRow]) -> Iterator[list[LabelledRow]]:
    while block := list(islice(rows, _BLOCK_ROWS)):
        yield block
