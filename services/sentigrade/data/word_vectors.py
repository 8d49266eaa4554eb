"""Pretrained word vectors, as fastText (`.vec`) and GloVe write them, or an array of numpy's with its words beside it.

Such files hold up to two million words, the frequent ones first: they are read as a stream, and few words are kept.
"""

import gzip
import hashlib
import zlib
from collections.abc import Collection, Iterator
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentigrade.arrays import array_errors
from sentigrade.errors import DataError

Vector = NDArray[np.float32]

_ARRAY = ".npy"


def read_word_vectors(path: Path, wanted: Collection[str], *, dimensions: int, first: int = 0) -> dict[str, Vector]:
    """Return the vectors (dimensions,) of the wanted words that the file holds, and of its `first` ones.

    The file is `NAME.npy`, with a word a line in `NAME.words.txt` beside it, or has a word and its numbers a line,
    parted by blanks, with or without fastText's line of counts in front; each also as `.gz`. Of a repeated word the
    first vector counts. Raises DataError, naming the line, for other dimensions, missing rows, what is not UTF-8, and
    a word to be kept without finite numbers; also for a file with none of the wanted words.
    """
    rows = _from_array(path, dimensions) if _is_array(path) else _from_lines(path, dimensions)
    wanted = frozenset(wanted)
    vectors: dict[str, Vector] = {}
    try:
        for number, (word, numbers, place) in enumerate(rows, start=1):
            if (number <= first or word in wanted) and word not in vectors:
                vectors[word] = _vector(numbers, place)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(f"{path} is damaged or cut off: fetch it again") from None
    except OSError as error:
        raise DataError(f"{error.filename or path} cannot be read: {error.strerror or error}") from None
    if wanted.isdisjoint(vectors):
        raise DataError(f"{path} holds none of the {len(wanted):,} words of the texts: give vectors of their language")
    return vectors


def digests_of(path: Path) -> dict[str, str]:
    """Return the sha256 of each file that holds these vectors, by its name; raises DataError as reading does."""
    files = (path, _words_beside(path)) if _is_array(path) else (path,)
    return {file.name: _sha256(file) for file in files}


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None


class _Row(NamedTuple):
    """A word, its numbers, not read yet, as few of them are wanted, and where they stand."""

    word: str
    numbers: bytes | NDArray[np.floating]
    place: str


def _from_lines(path: Path, dimensions: int) -> Iterator[_Row]:
    number = 0
    with _open(path) as file:
        head = file.readline()
        counts = _counts(head)
        if not counts:
            file.seek(0)
        _require_dimensions(path, counts.dimensions if counts else head.rstrip().count(b" "), dimensions)
        for number, line in enumerate(file, start=1):
            yield _parted(line.rstrip(), dimensions, f"{path}, line {number + 1 if counts else number}")
    if counts and number != counts.rows:
        raise DataError(
            f"{path} has vectors of {number:,} words, its first line says {counts.rows:,}: fetch the file again"
        )


def _from_array(path: Path, dimensions: int) -> Iterator[_Row]:
    rows = _array(path)
    _require_dimensions(path, rows.shape[1], dimensions)
    words = _words_beside(path)
    lines = words.read_bytes().splitlines()
    if len(lines) != len(rows):
        raise DataError(
            f"{words} has {len(lines):,} words for the {len(rows):,} rows of {path.name}: give it one a row"
        )
    for number, (line, row) in enumerate(zip(lines, rows, strict=True), start=1):
        place = f"{words}, line {number}"
        yield _Row(_decoded(line, place), row, place)


def _array(path: Path) -> NDArray[np.floating]:
    try:
        with array_errors():
            if path.suffix == ".gz":
                with gzip.open(path) as file:
                    rows = np.load(file, allow_pickle=False)
            else:
                rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise DataError(f"{path} cannot be read as an array of numpy's: {error}") from None
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind != "f":
        raise DataError(f"{path} is not an array of words x dimensions of floating-point numbers")
    return rows


class _Counts(NamedTuple):
    """What fastText says in the first line of a file."""

    rows: int
    dimensions: int


def _counts(first: bytes) -> _Counts | None:
    fields = first.split()
    return _Counts(*map(int, fields)) if len(fields) == 2 and all(map(bytes.isdigit, fields)) else None


def _parted(line: bytes, dimensions: int, place: str) -> _Row:
    word, _, numbers = line.partition(b" ")
    if line.count(b" ") > dimensions:  # GloVe has words with blanks inside
        word, *fields = line.rsplit(b" ", dimensions)
        numbers = b" ".join(fields)
    if line.count(b" ") < dimensions or (b" " in word and _is_number(word.rpartition(b" ")[2])):
        raise DataError(f"{place} has not {dimensions} numbers, as the lines before: fetch the file again")
    return _Row(_decoded(word, place), numbers, place)


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _decoded(word: bytes, place: str) -> str:
    try:
        return word.decode()
    except UnicodeDecodeError:
        raise DataError(f"{place}: the word is not UTF-8: save the file as UTF-8") from None


def _vector(numbers: bytes | NDArray[np.floating], place: str) -> Vector:
    fields = numbers.split() if isinstance(numbers, bytes) else numbers
    try:
        with np.errstate(over="ignore"):
            vector = np.array(fields, dtype=np.float64).astype(np.float32)
    except ValueError:
        raise DataError(f"{place}: a field after the word is no number") from None
    if not np.isfinite(vector).all():
        raise DataError(f"{place}: a number is not finite, or too large")
    return vector


def _require_dimensions(path: Path, found: int, dimensions: int) -> None:
    if not found:
        raise DataError(f"{path} holds no word vectors")
    if found != dimensions:
        raise DataError(
            f"{path} has vectors of {found} dimensions, the parameters say {dimensions}: set dimensions to {found}"
        )


def _is_array(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(_ARRAY)


def _words_beside(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".gz").removesuffix(_ARRAY) + ".words.txt")


def _open(path: Path) -> BufferedReader | gzip.GzipFile:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")
