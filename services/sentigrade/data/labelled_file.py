"""Any labelled file: CSV, TSV or JSON lines with named columns, or lines of fastText, gzipped or not."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

import msgspec

from sentigrade.data import fasttext_file, tables
from sentigrade.errors import DataError
from sentigrade.labels import FASTTEXT_PREFIX

_Row = TypeVar("_Row")

# Spreadsheets put a byte order mark in front.
_ENCODING = "utf-8-sig"
_FLAGS = {"0": False, "1": True, "false": False, "true": True}
_NOT_ONE_LABEL = "there are several labels where one is expected (--several says that any number may apply)"


class Columns(NamedTuple):
    """Where a row has its text and its labels.

    text, label    names of columns
    separator      what parts several labels in one field, such as the | in `a|b`
    flags          in place of `label`: names of columns that hold 0 or 1, one a label
    several        any number of labels may apply to a text, none too; a separator and flags say as much
    """

    text: str = "text"
    label: str = "label"
    separator: str = ""
    flags: tuple[str, ...] = ()
    several: bool = False

    @property
    def multilabel(self) -> bool:
        """Whether any number of labels may apply to a text."""
        return self.several or bool(self.separator or self.flags)


class LabelledRow(NamedTuple):
    """A text and its labels, as the file spells them, and the line in which the row ends."""

    line: int
    text: str
    labels: tuple[str, ...]


class LabelledRows(NamedTuple):
    """Texts and their labels, as the file spells them."""

    texts: list[str]
    labels: list[tuple[str, ...]]


def read_labelled_files(paths: Sequence[Path], columns: Columns) -> LabelledRows:
    """Read all rows of labelled files, one file after the other; raises DataError as `labelled_rows` does."""
    rows = [row for path in paths for row in labelled_rows(path, columns)]
    return LabelledRows([row.text for row in rows], [row.labels for row in rows])


def labelled_rows(path: Path, columns: Columns) -> Iterator[LabelledRow]:
    """Give the rows of a `.csv`, `.tsv` or `.jsonl` file, or of one of fastText (`fasttext_file.py`), also `.gz`.

    They come as they are read, so that no file is too long. Raises DataError, naming file and line, for what cannot be
    read: a column that is not there, a row without text, without a label or with several where one is expected, a flag
    that is neither 0 nor 1, another format, no rows at all.
    """
    suffix = Path(path.name.removesuffix(".gz")).suffix
    if suffix not in tables.READERS and suffix not in fasttext_file.SUFFIXES:
        raise DataError(
            f"{path}: give a .csv, .tsv or .jsonl file, or a .txt file of {FASTTEXT_PREFIX} lines "
            "(or one of these as .gz)"
        )
    yield from rows_of(path, lambda file: _rows(file, suffix, columns, path))


def rows_of(path: Path, read: Callable[[IO[str]], Iterator[_Row]]) -> Iterator[_Row]:
    """Give the rows that `read` finds in a file, gzipped or not; raises DataError for what cannot be read or has none.

    `read` may raise csv.Error and msgspec.DecodeError.
    """
    count = 0
    try:
        with _open(path) as file:
            for row in read(file):
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


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding=_ENCODING, newline="")
    return path.open(encoding=_ENCODING, newline="")


def _rows(file: IO[str], suffix: str, columns: Columns, path: Path) -> Iterator[LabelledRow]:
    if suffix not in tables.READERS:
        yield from _rows_of_fasttext(file, columns, path)
        return
    for line, fields in tables.READERS[suffix](file):
        try:
            text = text_of(fields, columns.text)
            if not text and suffix != ".jsonl":  # there it was said, as of a text of which cleaning left nothing
                raise ValueError(f"column {columns.text!r} is empty")
            row = LabelledRow(line, text, _labels(fields, columns))
        except ValueError as error:
            raise DataError(f"{path}, line {line}: {error}") from None
        yield row


def _rows_of_fasttext(file: IO[str], columns: Columns, path: Path) -> Iterator[LabelledRow]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            text, labels = fasttext_file.parse_line(line)
            if not columns.multilabel:
                _require_one(labels)
        except ValueError as error:
            raise DataError(f"{path}, line {number}: {error}") from None
        yield LabelledRow(number, text, labels)


def _require_one(labels: Sequence[str]) -> None:
    if not labels:
        raise ValueError(f"no word begins with {FASTTEXT_PREFIX}, such as {FASTTEXT_PREFIX}positive")
    if len(labels) > 1:
        raise ValueError(_NOT_ONE_LABEL)


def _field(row: dict[str, object], column: str) -> object:
    if column not in row:
        raise ValueError(f"there is no column {column!r}; the columns are {', '.join(row)}")
    value = row[column]
    if value is None:  # a row that ends too early, or null
        raise ValueError(f"column {column!r} is empty")
    return value


def text_of(row: dict[str, object], column: str) -> str:
    """Return the text in a row's column; raises ValueError where there is none."""
    value = _field(row, column)
    if isinstance(value, list | dict):
        raise ValueError(f"column {column!r} holds several values: give one text")
    return str(value)


def _labels(row: dict[str, object], columns: Columns) -> tuple[str, ...]:
    if columns.flags:
        return tuple(flag for flag in columns.flags if _flag(row, flag))
    value = _field(row, columns.label)
    if value == "" and not columns.multilabel:
        raise ValueError(f"column {columns.label!r} is empty")
    if isinstance(value, list) and not columns.multilabel:
        raise ValueError(_NOT_ONE_LABEL)
    return tuple(dict.fromkeys(_spelled(value, columns)))


def _spelled(value: object, columns: Columns) -> Iterator[str]:
    """Give the labels in a field: a text, a number, or a list of these; an empty text holds none."""
    if isinstance(value, str):
        parts = map(str.strip, value.split(columns.separator)) if columns.separator else [value]
        yield from filter(None, parts)
        return
    for label in value if isinstance(value, list) else [value]:
        if isinstance(label, list | dict) or label in (None, ""):
            raise ValueError(f"column {columns.label!r} holds something that is no label: give names or numbers")
        yield str(label)


def _flag(row: dict[str, object], column: str) -> bool:
    value = str(_field(row, column)).lower()
    if value not in _FLAGS:
        raise ValueError(f"column {column!r} must hold 0 or 1, to say whether the label {column} applies")
    return _FLAGS[value]
