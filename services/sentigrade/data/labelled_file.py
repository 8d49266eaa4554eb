"""Any labelled file: CSV, TSV or JSON lines with named columns, or lines of fastText, gzipped or not."""

import csv
import gzip
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from sentigrade.data import fasttext_file
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import FASTTEXT_PREFIX, FIVE_LEVELS, LabelSet, make_labels

# Spreadsheets put a byte order mark in front.
_ENCODING = "utf-8-sig"


class Columns(NamedTuple):
    """Names of the columns to read."""

    text: str = "text"
    label: str = "label"


class LabelledRow(NamedTuple):
    """A text and its label, as the file spells it, and the line in which the row ends."""

    line: int
    text: str
    label: str


class LabelledRows(NamedTuple):
    """Texts and their labels, as the file spells them."""

    texts: list[str]
    labels: list[str]


def read_labelled_files(paths: Sequence[Path], columns: Columns) -> LabelledRows:
    """Read all rows of labelled files, one file after the other; raises DataError as `labelled_rows` does."""
    rows = [row for path in paths for row in labelled_rows(path, columns)]
    return LabelledRows([row.text for row in rows], [row.label for row in rows])


def labelled_rows(path: Path, columns: Columns) -> Iterator[LabelledRow]:
    """Give the rows of a `.csv`, `.tsv` or `.jsonl` file, or of one of fastText (`fasttext_file.py`), also `.gz`.

    They come as they are read, so that no file is too long. Raises DataError, naming file and line, for what cannot be
    read: a column that is not there, a row without text or label, another format, no rows at all.
    """
    read = _READERS.get(Path(path.name.removesuffix(".gz")).suffix)
    if read is None:
        raise DataError(
            f"{path}: give a .csv, .tsv or .jsonl file, or a .txt file of {FASTTEXT_PREFIX} lines "
            "(or one of these as .gz)"
        )
    count = 0
    try:
        with _open(path) as file:
            for row in read(file, columns, path):
                count += 1
                yield row
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 somewhere after row {count}: save it as UTF-8") from None
    except (csv.Error, msgspec.DecodeError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: row {count + 1} cannot be read: {error}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    if not count:
        raise DataError(f"{path} holds no rows")


def label_set_of(rows: LabelledRows, *, ordered: Sequence[str]) -> LabelSet:
    """Return an ordinal set when `ordered` names the labels from worst to best, a nominal one otherwise.

    Labels that are the names or the ids of FIVE_LEVELS are these levels. The file may spell ordered labels by their
    ids. Raises DataError for fewer than two labels and for a label that `ordered` leaves out.
    """
    names = sorted(set(rows.labels))
    if not ordered and set(names) in (set(FIVE_LEVELS.names), set(FIVE_LEVELS.ids)):
        return FIVE_LEVELS
    try:
        labels = make_labels(ordered or names, ordered=bool(ordered))
    except ValueError as error:
        raise DataError(f"these labels cannot be used: {error}") from None
    unknown = set(names).difference(labels.names, labels.ids)
    if unknown:
        raise DataError(f"the label {min(unknown)!r} is in the file but not among the ordered ones")
    if len(labels) < 2:
        raise DataError("the file has one label only; a classifier needs at least two")
    return labels


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
        return gzip.open(path, "rt", encoding=_ENCODING, newline="")
    return path.open(encoding=_ENCODING, newline="")


def _csv_rows(file: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    return _table_rows(csv.DictReader(file, strict=True))


def _tsv_rows(file: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    return _table_rows(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _table_rows(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, object]]]:
    csv.field_size_limit(sys.maxsize)
    for row in reader:
        # Fields for which the header has no name: one of the others is a piece of a text, then.
        if any(row.pop(None, ())):
            raise csv.Error("it has more fields than the header; in .csv a text that holds commas needs quotes")
        yield reader.line_num, row


def _jsonl_rows(file: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    decode = msgspec.json.Decoder(dict[str, object]).decode
    for number, line in enumerate(file, start=1):
        if line.strip():
            row = decode(line)
            if "source" in row:  # so SageMaker's augmented manifests call the text
                row.setdefault("text", row["source"])
            yield number, row


_TableReader = Callable[[IO[str]], Iterator[tuple[int, dict[str, object]]]]
_Reader = Callable[[IO[str], Columns, Path], Iterator[LabelledRow]]


def _from_columns(read: _TableReader, file: IO[str], columns: Columns, path: Path) -> Iterator[LabelledRow]:
    for line, row in read(file):
        yield LabelledRow(line, _field(row, columns.text, path, line), _field(row, columns.label, path, line))


def _from_fasttext(file: IO[str], _columns: Columns, path: Path) -> Iterator[LabelledRow]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield LabelledRow(number, *fasttext_file.parse_line(line))
            except ValueError as error:
                raise DataError(f"{path}, line {number}: {error}") from None


_READERS: dict[str, _Reader] = {
    ".csv": partial(_from_columns, _csv_rows),
    ".tsv": partial(_from_columns, _tsv_rows),
    ".jsonl": partial(_from_columns, _jsonl_rows),
    **dict.fromkeys(fasttext_file.SUFFIXES, _from_fasttext),
}


def _field(row: dict[str, object], column: str, path: Path, line: int) -> str:
    if column not in row:
        raise DataError(f"{path}, line {line}: there is no column {column!r}; the columns are {', '.join(row)}")
    value = row[column]
    if value is None or value == "":
        raise DataError(f"{path}, line {line}: column {column!r} is empty")
    if isinstance(value, list | dict):
        raise DataError(f"{path}, line {line}: column {column!r} holds several values: give one text and one label")
    return str(value)
