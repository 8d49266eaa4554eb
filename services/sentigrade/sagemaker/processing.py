"""Labelled files become cleaned text with its labels, in the forms that fastText and BlazingText learn from."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from sentigrade.data import augmented_manifest, fasttext_file, tables
from sentigrade.data.labelled_file import LabelledRow, labelled_rows
from sentigrade.data.labelling import require_no_order
from sentigrade.errors import DataError, SettingError
from sentigrade.sagemaker.channels import labelled_files
from sentigrade.sagemaker.jobs import Processing
from sentigrade.sagemaker.label_ids import LabelIds
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import CleaningProfile

_BLOCK_ROWS = 1000
_FormatLine = Callable[[Sequence[str], str], str]  # ids of the labels and a cleaned text to its line


def clean_files(job: Processing, unfinished: Path) -> None:
    """Write a line for each row into files in the folder `unfinished`, and move all of them when all are whole.

    Raises DataError, naming file and line, for a row that cannot be used, and SettingError for a file that is there.
    """
    require_no_order(job.columns, job.ordered)
    places = _places(job)
    for place in places.values():
        if (job.target / place).exists():
            raise SettingError(f"{job.target / place} is there already: give an empty folder for the output")
    cleaner = _cleaner(job.model)
    label_ids = LabelIds(job.ordered or job.columns.flags)
    format_line = _line_format(job, label_ids, list(places))
    for file, place in places.items():
        lines = (
            format_line(label_ids.of(row, file), cleaned)
            for block in _blocks(labelled_rows(file, job.columns))
            for row, cleaned in zip(block, cleaner.clean([row.text for row in block]), strict=True)
        )
        print(f"{file.relative_to(job.source)}: {_write(lines, unfinished / place)} rows", flush=True)
    for place in places.values():
        (job.target / place).parent.mkdir(parents=True, exist_ok=True)
    for place in places.values():
        (unfinished / place).replace(job.target / place)


def _line_format(job: Processing, label_ids: LabelIds, files: Sequence[Path]) -> _FormatLine:
    """Return what makes a line; a manifest has numbers for labels, so all of them are to be known before the first."""
    if job.form == "fasttext":
        return fasttext_file.format_line
    for file in files:
        for row in labelled_rows(file, job.columns):
            label_ids.of(row, file)
    numbers = {label_id: number for number, label_id in enumerate(label_ids.in_order())}
    print("\n".join(f"{number} = {label_id}" for label_id, number in numbers.items()), flush=True)

    def format_line(ids: Sequence[str], cleaned: str) -> str:
        of_row = [numbers[label_id] for label_id in ids]
        return augmented_manifest.format_line(of_row, cleaned, several=job.columns.multilabel)

    return format_line


def _write(lines: Iterator[str], path: Path) -> int:
    """Write lines into a new file and return how many there were."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(line)
            count += 1
    return count


def _places(job: Processing) -> dict[Path, Path]:
    """Return where the lines of each file go."""
    places: dict[Path, Path] = {}
    for file in labelled_files(job.source):
        place = file.relative_to(job.source).with_name(_name(file.name.removesuffix(".gz"), job.form))
        if place in places.values():
            raise DataError(f"{file}: another file becomes {place} as well; rename one of them")
        places[file] = place
    return places


def _name(name: str, form: str) -> str:
    """Return what a file becomes: tables change their suffix; `reviews.train` and `reviews.valid` stay apart."""
    suffix = Path(name).suffix
    if form == "fasttext":
        return name if suffix in fasttext_file.SUFFIXES else f"{Path(name).stem}.txt"
    stem = Path(name).stem if suffix in (*tables.READERS, ".txt") else name
    return stem + augmented_manifest.SUFFIX


def _cleaner(reference: str | None) -> Cleaner:
    if reference is None:
        return Cleaner(CleaningProfile())
    return open_model(reference, Settings.from_environ(os.environ)).cleaner


def _blocks(rows: Iterator[LabelledRow]) -> Iterator[list[LabelledRow]]:
    while block := list(islice(rows, _BLOCK_ROWS)):
        yield block
