"""The records of a CSV (RFC 4180), one after the other, whatever is broken in between.

A record that cannot be read costs its first line only: reading goes on with the second. That stays linear in time,
because a line is read again only as often as it takes to learn that the quote before it is never closed, and flat in
memory, because going back means seeking in the file.
"""

import csv
import sys
from collections.abc import Iterator
from typing import BinaryIO, Literal, NamedTuple

import msgspec

from sentigrade.answer import Rejection
from sentigrade.wire.rows.body import skip_rest, too_long

# The limit of the csv module is one for the whole process, and a field beyond it an error that is not the caller's.
# Here the length of a record is bounded instead.
csv.field_size_limit(sys.maxsize)

# Of a record that is too long an answer repeats so much, to find it by.
_SHOWN_BYTES = 1000

_MALFORMED = Rejection(
    code="malformed",
    detail='The line is not valid CSV; put a text that holds quotes or line breaks in quotes, and double its own ("").',
)


class Record(msgspec.Struct, frozen=True):
    """A record: its fields, or why it has none, its bytes with the line end, and where in the file it starts."""

    fields: list[str] | Rejection
    raw: bytes
    start: int
    is_unicode: bool = True


class Dialect(NamedTuple):
    """What parts the fields, and what quotes mean, as the csv module numbers it."""

    delimiter: str = ","
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL


COMMAS = Dialect()


def records(file: BinaryIO, max_bytes: int, *, dialect: Dialect = COMMAS, blank_too: bool = False) -> Iterator[Record]:
    """Yield the records of a file; blank lines are none, or records without a field.

    Bytes that are no UTF-8 are replaced in the fields, which leaves the record parted as it is.
    """
    lines = _Lines(file, max_bytes)
    reader = csv.reader(lines, strict=True, delimiter=dialect.delimiter, quoting=dialect.quoting)
    while lines.begin():
        try:
            fields = next(reader)
        except StopIteration:
            yield Record(too_long(max_bytes), lines.skip_first(), lines.start)
        except csv.Error:
            yield Record(_MALFORMED, lines.go_back(), lines.start)
        else:
            if fields or blank_too:
                yield Record(fields, lines.read(), lines.start, lines.are_unicode)


class _Lines:
    """The lines of one record after the other, as csv.reader asks for them.

    It asks for a second line only within quotes, and takes an end there for an error.
    """

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        # Offsets: of the record, of its last line, and of the line after.
        self.start = self._last = self._next = file.tell()
        # Where a record in quotes was found to fail: from within quotes, all that begin before fail there too.
        self._hopeless = 0
        self._first = b""
        self.are_unicode = True

    def begin(self) -> bool:
        """Begin a record; False at the end of the file."""
        self.start = self._next
        self._first = self._file.readline(self._max_bytes + 1)
        self.are_unicode = True
        return bool(self._first)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._last = self._next
        length = self._next - self.start
        line = self._another(self._max_bytes - length) if length else self._first
        if not line or length + len(line) > self._max_bytes:
            raise StopIteration
        self._next += len(line)
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.are_unicode = False
            return line.decode(errors="replace")

    def _another(self, most: int) -> bytes:
        return b"" if self.start < self._hopeless else self._file.readline(most + 1)

    def read(self) -> bytes:
        """Return the bytes of the record."""
        length = self._next - self.start
        if length == len(self._first):
            return self._first
        self._file.seek(self.start)
        return self._file.read(length)

    def go_back(self) -> bytes:
        """Go back to the second line of the record; return the first."""
        self._hopeless = max(self._hopeless, self._last)
        self._next = self.start + len(self._first)
        self._file.seek(self._next)
        return self._first

    def skip_first(self) -> bytes:
        """Skip the first line, which is too long; return its beginning."""
        skip_rest(self._file, self._first)
        self._next = self._file.tell()
        return self._first[:_SHOWN_BYTES]
