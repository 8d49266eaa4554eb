"""Any labelled file: CSV, TSV or JSON lines with named columns, gzipped or not."""

import csv
import gzip
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet, make_labels


class Columns(NamedTuple):
    """Names of the columns to read."""

    text: str = "text"
    label: str = "label"


class LabelledRows(NamedTuple):
    """Texts and their labels, as the file spells them."""

    texts: list[str]
    labels: list[str]


def read_labelled_file(path: Path, columns: Columns) -> LabelledRows:
    """Read a `.csv`, `.tsv` or `.jsonl` file, also `.gz`.

    Raises DataError, naming file and line, for what cannot be read: a column that is not there, a row
    without text or label, another format.
    """
    read = {".csv": _read_csv, ".tsv": _read_tsv, ".jsonl": _read_jsonl}.get(Path(path.name.removesuffix(".gz")).suffix)
    if read is None:
        raise DataError(f"{path}: give a .csv, .tsv or .jsonl file (or one of these as .gz)")
    texts, labels = [], []
    try:
        with _open(path) as file:
            for line, row in read(file):
                texts.append(_field(row, columns.text, path, line))
                labels.append(_field(row, columns.label, path, line))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, csv.Error, msgspec.DecodeError) as error:
        raise DataError(f"{path}: row {len(texts) + 1} cannot be read: {error}") from None
    if not texts:
        raise DataError(f"{path} holds no rows")
    return LabelledRows(texts, labels)


def label_set_of(rows: LabelledRows, *, ordered: Sequence[str]) -> LabelSet:
    """Return an ordinal set when `ordered` names the labels from worst to best, a nominal one otherwise.

    Raises DataError for fewer than two labels and for a label that `ordered` leaves out.
    """
    names = sorted(set(rows.labels))
    if ordered:
        unknown = [name for name in names if name not in ordered]
        if unknown:
            raise DataError(f"the label {unknown[0]!r} is in the file but not among the ordered ones")
        names = list(ordered)
    if len(names) < 2:
        raise DataError("the file has one label only; a classifier needs at least two")
    try:
        return make_labels(names, ordered=bool(ordered))
    except ValueError as error:
        raise DataError(f"these labels cannot be told apart: {error}") from None


def examples_of(rows: LabelledRows, labels: LabelSet, *, name: str) -> Examples:
    """Return the rows with labels as positions in `labels`.

    A label may be spelled as its name, its id or, where labels are levels, its level. Raises DataError for others.
    """
    position = _positions(labels)
    unknown = next((label for label in rows.labels if label not in position), None)
    if unknown is not None:
        raise DataError(f"{name}: the label {unknown!r} is not known; the labels are {', '.join(labels.names)}")
    return Examples.of_whole_texts(name, rows.texts, [position[label] for label in rows.labels])


def _positions(labels: LabelSet) -> dict[str, int]:
    levels = map(str, range(len(labels))) if labels.kind == "ordinal" else ()
    # Names last: where grades are named by numbers, the names are meant.
    return {
        spelling: index for spellings in (levels, labels.ids, labels.names) for index, spelling in enumerate(spellings)
    }


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _read_csv(file: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    csv.field_size_limit(sys.maxsize)
    reader = csv.DictReader(file, strict=True)
    for row in reader:
        yield reader.line_num, row


def _read_tsv(file: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    columns = file.readline().rstrip("\r\n").split("\t")
    for number, line in enumerate(file, start=2):
        yield number, dict(zip(columns, line.rstrip("\r\n").split("\t"), strict=False))


def _read_jsonl(file: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    decode = msgspec.json.Decoder(dict[str, object]).decode
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield number, decode(line)


def _field(row: dict[str, object], column: str, path: Path, line: int) -> str:
    if column not in row:
        columns = ", ".join(str(name) for name in row if name is not None)
        raise DataError(f"{path}, line {line}: there is no column {column!r}; the columns are {columns}")
    value = row[column]
    if value is None or value == "":
        raise DataError(f"{path}, line {line}: column {column!r} is empty")
    return str(value)
