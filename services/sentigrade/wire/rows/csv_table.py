"""Rows of a CSV: with a header line, or of one column without."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import BinaryIO

from sentigrade.answer import Rejection
from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.wire.native import TEXT_FIELDS
from sentigrade.wire.rows.body import NOT_UNICODE, skip_mark
from sentigrade.wire.rows.csv_records import Record, records
from sentigrade.wire.rows.row import Row

# A bad row is answered with all of them: the answer to a short line must not be a long one.
_MOST_COLUMNS = 1024

_NAME_IT = "name the column of the texts with the option column."


class CsvRows:
    """The records of a body, each with its bytes, so that an answer can repeat them.

    `header` is the header as it came, `names` the columns in it, `line_end` what ended it.
    """

    def __init__(self, file: BinaryIO, column: str | None, *, max_row_bytes: int) -> None:
        """`column` is the name of the column of the texts; without, it is the only one or one of the usual names.

        Raises MalformedRequest for UTF-16 and for a header that cannot be used, InvalidRequest for no such column.
        """
        mark = skip_mark(file)
        self._records = records(file, max_row_bytes)
        header, self.names = header_of(next(self._records, None))
        self._text = _position(self.names, column)
        self.header = mark + _without_end(header)
        self.line_end = b"\r\n" if header.endswith(b"\r\n") else b"\n"

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, self._records, count())

    def _row(self, record: Record, number: int) -> Row:
        fields = record.fields
        if isinstance(fields, Rejection):
            return Row(number, fields, self._stand_in(record))
        if len(fields) != len(self.names):
            return Row(number, other_width(len(fields), len(self.names)), self._stand_in(record))
        if not record.is_unicode:
            return Row(number, NOT_UNICODE, _without_end(_mended(record.raw)))
        return Row(number, fields[self._text], _without_end(record.raw))

    def _stand_in(self, record: Record) -> bytes:
        """Return a record of the right width that shows a bad one in the column of the texts."""
        quoted = b'"' + _without_end(_mended(record.raw)).replace(b'"', b'""') + b'"'
        cells = [b""] * len(self.names)
        cells[self._text] = quoted
        return b",".join(cells)


class CsvTexts:
    """The records of a body without a header, a text each; a blank line is an empty text."""

    def __init__(self, file: BinaryIO, *, max_row_bytes: int) -> None:
        """Begin at the first record; raises MalformedRequest for UTF-16."""
        skip_mark(file)
        self._records = records(file, max_row_bytes, blank_too=True)

    def __iter__(self) -> Iterator[Row]:
        return (Row(number, _only_field(record)) for number, record in enumerate(self._records))


def _only_field(record: Record) -> str | Rejection:
    if isinstance(record.fields, Rejection):
        return record.fields
    if len(record.fields) > 1:
        return Rejection(
            code="invalid",
            detail=f"{len(record.fields):,} fields where one is expected; put a text that holds commas in quotes, or "
            "begin with a header and say Content-Type: text/csv; header=present .",
        )
    if not record.is_unicode:
        return NOT_UNICODE
    return record.fields[0] if record.fields else ""


def header_of(record: Record | None) -> tuple[bytes, list[str]]:
    """Return the bytes of a header and the names in it; raises MalformedRequest for one that cannot be used."""
    if record is None:
        raise MalformedRequest("The CSV is empty; its first line names the columns.")
    if not record.is_unicode:
        raise MalformedRequest("The header of the CSV is not valid UTF-8; save the file as UTF-8.")
    if isinstance(record.fields, Rejection):
        raise MalformedRequest(
            "The header of the CSV cannot be read; close its quotes, and end each line with a line feed (LF or CRLF)."
        )
    if len(record.fields) > _MOST_COLUMNS:
        raise MalformedRequest(f"The CSV has {len(record.fields):,} columns; send at most {_MOST_COLUMNS:,}.")
    return record.raw, record.fields


def _position(names: Sequence[str], column: str | None) -> int:
    """Return where the column of the texts stands."""
    wanted = TEXT_FIELDS if column is None else (column,)
    found = [index for index, name in enumerate(names) if name in wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise _no_column(f"Several columns could hold the texts; {_NAME_IT if column is None else 'rename one.'}")
    _require_commas(names)
    if column is None and len(names) == 1:
        return 0
    raise _no_column(
        f"The CSV has no column mytext, text or texts; {_NAME_IT}"
        if column is None
        else "The CSV has no column of that name; name one that stands in its header."
    )


def _require_commas(names: Sequence[str]) -> None:
    for separator, kind in ((";", "semicolons"), ("\t", "tabs")):
        if any(separator in name for name in names):
            raise _no_column(f"The columns seem to be parted by {kind}; save the file with commas between them.")


def _no_column(detail: str) -> InvalidRequest:
    return InvalidRequest(detail, pointer="/column")


def other_width(given: int, expected: int) -> Rejection:
    """Return the rejection of a row that has more or fewer fields than the header."""
    return Rejection(
        code="invalid",
        detail=f"{given} field{'' if given == 1 else 's'} where the header has {expected}; "
        "put a text that holds commas in quotes.",
    )


def _mended(raw: bytes) -> bytes:
    """Return bytes with a replacement character for what is no UTF-8."""
    return raw.decode(errors="replace").encode()


def _without_end(raw: bytes) -> bytes:
    return raw.rstrip(b"\r\n")
