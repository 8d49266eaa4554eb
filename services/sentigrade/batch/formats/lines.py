"""Plain lines: a line a text."""

from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO

from sentigrade.answer import Answer, Rejection
from sentigrade.batch.formats.base import Reading, Survey, Writer
from sentigrade.batch.formats.offsets import chunks_of, line_starts
from sentigrade.batch.job import Chunk, Input
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.labels import LabelSet
from sentigrade.wire.native import bare_label
from sentigrade.wire.rows.body import NOT_UNICODE, lines_of, skip_mark


class PlainLines:
    """Files of plain lines; as an output, a label a line."""

    suffixes = (".txt",)

    def survey(self, file: BinaryIO, reading: Reading) -> Survey:
        """Find where lines begin."""
        skip_mark(file)
        return Survey(tuple(chunks_of(file, line_starts, reading)), (reading.text_column,))

    def read(self, file: BinaryIO, chunk: Chunk, surveyed: Input, reading: Reading) -> ChunkRows:  # noqa: ARG002 - there is but one column
        """Return the lines of a chunk."""
        file.seek(chunk.start)
        found = islice(lines_of(file, reading.max_row_bytes), chunk.rows)
        rows = [_row(line, number, reading.text_column) for number, line in enumerate(found)]
        return ChunkRows(rows, chunk.rows, lambda row: row.place)

    def writer(self, surveyed: Input, labels: LabelSet) -> Writer:  # noqa: ARG002 - a label needs neither
        """Return what writes bare labels."""
        return _LabelWriter()


class _LabelWriter(Writer):
    def encode(self, rows: Sequence[Row], answers: Sequence[Answer], chunk: ChunkRows) -> bytes:  # noqa: ARG002 - a label stands alone
        """Return a line for each answer; several labels are parted by bars."""
        return "".join(f"{bare_label(answer)}\n" for answer in answers).encode()


def _row(line: bytes | Rejection, number: int, text_column: str) -> Row:
    if isinstance(line, Rejection):
        return Row(line, {}, b"", number)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return Row(NOT_UNICODE, {}, line, number)
    return Row(text, {text_column: text}, line, number)
