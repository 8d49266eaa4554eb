"""CSV, and TSV in which quotes mean nothing: a header, then a record a row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, Protocol

from sentigrade.answer import Answer, Rejection
from sentigrade.batch.formats.base import Reading, Survey, Writer, require_columns
from sentigrade.batch.formats.cells import cell_of
from sentigrade.batch.formats.offsets import chunks_of
from sentigrade.batch.job import Chunk, Input
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.labels import LabelSet
from sentigrade.wire.rows.answer_columns import AnswerColumns, free_name
from sentigrade.wire.rows.body import NOT_UNICODE, skip_mark
from sentigrade.wire.rows.csv_records import COMMAS, Dialect, Record, records
from sentigrade.wire.rows.csv_table import header_of, other_width

_TABS = Dialect("\t", csv.QUOTE_NONE)
# What a cell of a TSV cannot hold becomes a blank.
_AS_BLANKS = str.maketrans("\t\r\n", "   ")
_CRLF = "\r\n"


class _JoinRows(Protocol):
    def __call__(self, rows: Iterable[Sequence[object]]) -> bytes: ...


class Delimited:
    """Tables of text, of one dialect."""

    def __init__(self, suffix: str, dialect: Dialect, join: _JoinRows) -> None:
        self.suffixes = (suffix,)
        self._dialect = dialect
        self._join = join

    def survey(self, file: BinaryIO, reading: Reading) -> Survey:
        """Read all records once: only so it is known where one begins, since fields hold line breaks."""
        skip_mark(file)
        header, first_line = self._header(file, reading)
        if header is None:
            return Survey(())
        _, columns = header_of(header)
        require_columns(columns, reading.text_column)
        return Survey(tuple(chunks_of(file, partial(self._starts, reading), reading)), tuple(columns), first_line)

    def read(self, file: BinaryIO, chunk: Chunk, surveyed: Input, reading: Reading) -> ChunkRows:
        """Return the records of a chunk."""
        file.seek(chunk.start)
        rows: list[Row] = []
        line = 0
        for record in self._records(reading, file):
            if record.fields:
                rows.append(_row(record, line, surveyed.columns, reading.text_column))
            line += _lines_of(record)
            if len(rows) == chunk.rows and file.tell() >= chunk.end:
                break
        return ChunkRows(rows, line, lambda row: row.place)

    def writer(self, surveyed: Input, labels: LabelSet) -> Writer:
        """Return what writes the columns of an input and those of the answers."""
        return _DelimitedWriter(surveyed.columns, AnswerColumns(labels), self._join)

    def _header(self, file: BinaryIO, reading: Reading) -> tuple[Record | None, int]:
        """Return the header, None when there is none, and the number of the line after it."""
        line = 1
        for record in self._records(reading, file):
            line += _lines_of(record)
            if record.fields:
                return record, line
        return None, line

    def _starts(self, reading: Reading, file: BinaryIO) -> Iterator[int]:
        return (record.start for record in self._records(reading, file) if record.fields)

    def _records(self, reading: Reading, file: BinaryIO) -> Iterator[Record]:
        """Give the records from where a file stands on, a blank line as one without fields, which is no row."""
        return records(file, reading.max_row_bytes, dialect=self._dialect, blank_too=True)


class _DelimitedWriter(Writer):
    def __init__(self, columns: Sequence[str], added: AnswerColumns, join: _JoinRows) -> None:
        self._columns = columns
        self._added = added
        self._join = join

    def encode(self, rows: Sequence[Row], answers: Sequence[Answer], chunk: ChunkRows) -> bytes:  # noqa: ARG002 - for formats of columns
        """Return a record for each answer."""
        columns, cells = self._columns, self._added.cells
        return self._join(
            [*map(cell_of, map(row.fields.get, columns)), *cells(answer)]
            for row, answer in zip(rows, answers, strict=True)
        )

    def header(self) -> bytes:
        """Return the names of the columns; nothing where the input had no header."""
        if not self._columns:
            return b""
        return self._join([[*self._columns, *(free_name(name, self._columns) for name in self._added.names)]])


def _row(record: Record, line: int, columns: Sequence[str], text_column: str) -> Row:
    fields = record.fields
    if isinstance(fields, Rejection):
        return Row(fields, {}, record.raw, line)
    if len(fields) != len(columns):
        return Row(other_width(len(fields), len(columns)), {}, record.raw, line)
    if not record.is_unicode:
        return Row(NOT_UNICODE, {}, record.raw, line)
    named = dict(zip(columns, fields, strict=True))
    return Row(named[text_column], named, record.raw, line)


def _lines_of(record: Record) -> int:
    """Return how many lines a record takes; one that cannot be read is a line."""
    return 1 if isinstance(record.fields, Rejection) else record.raw.count(b"\n")


class _Written(list[str]):
    """The records that csv.writer writes, one after the other."""

    write = list[str].append


def _in_commas(rows: Iterable[Sequence[object]]) -> bytes:
    written = _Written()
    # With this line end any line break is quoted; Python 3.11 leaves a lone \r bare where \n ends the lines.
    csv.writer(written, lineterminator=_CRLF).writerows(rows)
    return "".join([record.removesuffix(_CRLF) + "\n" for record in written]).encode()


def _in_tabs(rows: Iterable[Sequence[object]]) -> bytes:
    return "".join("\t".join(str(cell).translate(_AS_BLANKS) for cell in row) + "\n" for row in rows).encode()


CSV = Delimited(".csv", COMMAS, _in_commas)
TSV = Delimited(".tsv", _TABS, _in_tabs)
