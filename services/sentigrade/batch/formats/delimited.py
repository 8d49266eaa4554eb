"""CSV, and TSV in which quotes mean nothing: a header, then a record a row."""

import csv
from collections.abc import Iterable, Sequence
from functools import partial
from io import StringIO
from itertools import islice
from typing import BinaryIO, Protocol

from sentigrade.answer import Answer, Rejection
from sentigrade.batch.formats.base import Reading, Survey, Writer, require_columns
from sentigrade.batch.formats.cells import cell_of
from sentigrade.batch.formats.offsets import chunks_of, lines_between
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
        found = records(file, reading.max_row_bytes, dialect=self._dialect)
        header = next(found, None)
        if header is None:
            return Survey(())
        _, columns = header_of(header)
        require_columns(columns, reading.text_column)
        chunks = tuple(chunks_of(file, (record.start for record in found), reading))
        first_line = 1 + (lines_between(file, 0, chunks[0].start) if chunks else 0)
        return Survey(chunks, tuple(columns), first_line)

    def read(self, file: BinaryIO, chunk: Chunk, surveyed: Input, reading: Reading) -> ChunkRows:
        """Return the records that begin in a chunk."""
        file.seek(chunk.start)
        found = islice(records(file, reading.max_row_bytes, dialect=self._dialect), chunk.rows)
        rows = [_row(record, surveyed.columns, reading.text_column) for record in found]
        lines = partial(lines_between, file, chunk.start)
        return ChunkRows(rows, lines(chunk.end), lambda row: lines(row.place))

    def writer(self, surveyed: Input, labels: LabelSet) -> Writer:
        """Return what writes the columns of an input and those of the answers."""
        return _DelimitedWriter(surveyed.columns, AnswerColumns(labels), self._join)


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


def _row(record: Record, columns: Sequence[str], text_column: str) -> Row:
    fields = record.fields
    if isinstance(fields, Rejection):
        return Row(fields, {}, record.raw, record.start)
    if len(fields) != len(columns):
        return Row(other_width(len(fields), len(columns)), {}, record.raw, record.start)
    if not record.is_unicode:
        return Row(NOT_UNICODE, {}, record.raw, record.start)
    named = dict(zip(columns, fields, strict=True))
    return Row(named[text_column], named, record.raw, record.start)


def _in_commas(rows: Iterable[Sequence[object]]) -> bytes:
    lines = StringIO(newline="")
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue().encode()


def _in_tabs(rows: Iterable[Sequence[object]]) -> bytes:
    return "".join("\t".join(str(cell).translate(_AS_BLANKS) for cell in row) + "\n" for row in rows).encode()


CSV = Delimited(".csv", COMMAS, _in_commas)
TSV = Delimited(".tsv", _TABS, _in_tabs)
