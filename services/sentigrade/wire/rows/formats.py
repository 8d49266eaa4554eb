"""Which formats of rows there are, and who reads and writes them."""

from enum import Enum
from typing import BinaryIO

from sentigrade.errors import InvalidRequest
from sentigrade.labels import LabelSet
from sentigrade.options import Options
from sentigrade.wire.rows.csv_answers import CellsWriter, CsvWriter
from sentigrade.wire.rows.csv_table import CsvRows, CsvTexts
from sentigrade.wire.rows.line_answers import LabelsWriter, NdjsonWriter
from sentigrade.wire.rows.ndjson import NdjsonRows
from sentigrade.wire.rows.row import Writer
from sentigrade.wire.rows.text_lines import TextRows

Rows = CsvRows | CsvTexts | NdjsonRows | TextRows


class Format(Enum):
    """A format of rows; its value is the media type that a body or an answer in it carries."""

    NDJSON = "application/x-ndjson"
    CSV = "text/csv"
    TEXT = "text/plain"


# What a body in a format of rows may say that it is.
ROW_TYPES = {
    **{format_.value: format_ for format_ in Format},
    "application/jsonl": Format.NDJSON,
    "application/jsonlines": Format.NDJSON,
}


def open_rows(
    format_: Format, file: BinaryIO, *, column: str | None, max_row_bytes: int, has_header: bool = True
) -> Rows:
    """Begin to read a body; iterate over what is returned for its rows, in order, none lost and none added.

    `column` names where the text of a row stands; a CSV without a header has one column. Raises RequestError for what
    concerns the body as a whole; whatever is wrong with one row, its length included, is in that row.
    """
    if format_ is Format.CSV:
        return _open_csv(file, column, max_row_bytes=max_row_bytes, has_header=has_header)
    if format_ is Format.NDJSON:
        return NdjsonRows(file, column, max_row_bytes=max_row_bytes)
    if column is not None:
        raise InvalidRequest(
            "Plain text has no columns, a line is a text; leave out the option column.", pointer="/column"
        )
    return TextRows(file, max_row_bytes=max_row_bytes)


def _open_csv(file: BinaryIO, column: str | None, *, max_row_bytes: int, has_header: bool) -> CsvRows | CsvTexts:
    if has_header:
        return CsvRows(file, column, max_row_bytes=max_row_bytes)
    if column is not None:
        raise InvalidRequest(
            "A CSV without a header has one column, without a name; leave out column, or begin with a header and say "
            "Content-Type: text/csv; header=present .",
            pointer="/column",
        )
    return CsvTexts(file, max_row_bytes=max_row_bytes)


def answer_formats(format_: Format) -> tuple[Format, ...]:
    """Return the formats in which rows of a format can be answered, the default one first."""
    others = (Format.NDJSON, Format.TEXT)
    return (Format.CSV, *others) if format_ is Format.CSV else others


def open_writer(format_: Format, rows: Rows, labels: LabelSet, options: Options) -> Writer:
    """Return what writes the answers to rows in one of their `answer_formats`.

    Raises InvalidRequest for options that the format has no room for.
    """
    if isinstance(rows, CsvRows) and format_ is Format.CSV:
        return CsvWriter(rows, labels, options)
    if isinstance(rows, CsvTexts) and format_ is Format.CSV:
        return CellsWriter(labels, options)
    return LabelsWriter() if format_ is Format.TEXT else NdjsonWriter()
