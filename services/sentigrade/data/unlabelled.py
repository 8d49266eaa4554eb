"""Texts without labels, or whose labels nobody looks at, for a teacher to label."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from sentigrade.data import tables
from sentigrade.data.examples import repeat_key
from sentigrade.data.labelled_file import rows_of, text_of
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import FASTTEXT_PREFIX
from sentigrade.text.sentences import split

_LINES = ".txt"


class UnlabelledRow(NamedTuple):
    """A text, and the row that it stands in by the names of the columns, labels too if there are any."""

    text: str
    fields: dict[str, object]


def read_unlabelled(paths: Sequence[Path], column: str) -> list[UnlabelledRow]:
    """Read the texts in a column of `.csv`, `.tsv` and `.jsonl` files, or the lines of `.txt` files, also `.gz`.

    Raises DataError, naming file and line, for what cannot be read.
    """
    return [row for path in paths for row in _rows(path, column)]


def part_aside(
    rows: Sequence[UnlabelledRow], *, share: float, seed: int
) -> tuple[list[UnlabelledRow], list[UnlabelledRow]]:
    """Return the rows to use and those kept aside, about this share (0..1); repeats of a text come on the same side."""
    used: list[UnlabelledRow] = []
    aside: list[UnlabelledRow] = []
    for row in rows:
        (aside if _draw(repeat_key(row.text), seed) < share else used).append(row)
    return used, aside


def write_aside(rows: Sequence[UnlabelledRow], path: Path) -> None:
    """Write rows as JSON lines, as they were read; raises SettingError where that cannot be."""
    try:
        path.write_bytes(msgspec.json.Encoder().encode_lines([row.fields for row in rows]))
    except OSError as error:
        raise SettingError(f"{path} cannot be written ({error.strerror})") from None


def sentences_in(texts: Sequence[str]) -> Iterator[str]:
    """Give the sentences of the texts, one after the other."""
    for text in texts:
        yield from (text[start:end] for start, end in split(text))


def each_once(texts: Iterator[str], known: set[str], *, seed: int) -> list[str]:
    """Return one of each group of repeats, none that repeats a `known` one, in an order that the seed decides.

    `known` are repeat keys. The order of two texts does not depend on the others: so the first texts of a longer list
    are those of a shorter one.
    """
    first: dict[str, str] = {}
    for text in texts:
        key = repeat_key(text)
        if key and key not in known:
            first.setdefault(key, text)
    return [first[key] for key in sorted(first, key=lambda key: (_draw(key, seed), key))]


def _rows(path: Path, column: str) -> Iterator[UnlabelledRow]:
    suffix = Path(path.name.removesuffix(".gz")).suffix
    if suffix not in tables.READERS and suffix != _LINES:
        raise DataError(f"{path}: give a .csv, .tsv or .jsonl file, or a .txt file with a text a line (also .gz)")
    read = _lines if suffix == _LINES else lambda file: _fields(file, suffix, column, path)
    return rows_of(path, read)


def _lines(file: IO[str]) -> Iterator[UnlabelledRow]:
    for line in file:
        # Those of fastText may have labels.
        text = " ".join(word for word in line.split() if not word.startswith(FASTTEXT_PREFIX))
        if text:
            yield UnlabelledRow(text, {"text": text})


def _fields(file: IO[str], suffix: str, column: str, path: Path) -> Iterator[UnlabelledRow]:
    for line, fields in tables.READERS[suffix](file):
        try:
            yield UnlabelledRow(text_of(fields, column), fields)
        except ValueError as error:
            raise DataError(f"{path}, line {line}: {error}") from None


def _draw(key: str, seed: int) -> float:
    """Return a number from 0 to 1 that depends on nothing but a repeat key and the seed."""
    return int.from_bytes(hashlib.sha256(f"{seed} {key}".encode()).digest()[:8]) / 2**64
