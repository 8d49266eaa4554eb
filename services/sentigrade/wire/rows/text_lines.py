"""Rows of plain text: a line a text; an empty line is an empty text."""

from collections.abc import Iterator
from typing import BinaryIO

from sentigrade.wire.rows.body import NOT_UNICODE, lines_of, skip_mark
from sentigrade.wire.rows.row import Row


class TextRows:
    """The lines of a body, in UTF-8."""

    def __init__(self, file: BinaryIO, *, max_row_bytes: int) -> None:
        """Begin at the first line; raises MalformedRequest for UTF-16."""
        skip_mark(file)
        self._lines = lines_of(file, max_row_bytes)

    def __iter__(self) -> Iterator[Row]:
        for number, line in enumerate(self._lines):
            if isinstance(line, bytes):
                try:
                    yield Row(number, line.decode())
                except UnicodeDecodeError:
                    yield Row(number, NOT_UNICODE)
            else:
                yield Row(number, line)
