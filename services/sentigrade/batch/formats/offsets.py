"""Where rows stand in a file of lines, found without ever holding more of it than a block."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

from sentigrade.batch.formats.base import Reading
from sentigrade.batch.job import Chunk

# A chunk ends after so many bytes where its rows are long.
CHUNK_BYTES = 8 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024

# Gives the offset of each row, from where a file stands on.
_Starts = Callable[[BinaryIO], Iterator[int]]


def chunks_of(file: BinaryIO, starts_from: _Starts, reading: Reading) -> Iterator[Chunk]:
    """Cut a file into chunks, from where it stands on.

    Each is looked at as it will be read, as if nothing stood before it: what was read before may decide how a row with
    broken quotes is read.
    """
    left = sys.maxsize if reading.limit is None else reading.limit
    while left:
        first, starts = file.tell(), starts_from(file)
        if next(starts, None) is None:
            return
        rows = 1
        for end in starts:
            if rows == min(left, reading.chunk_rows) or end - first >= CHUNK_BYTES:
                break
            rows += 1
        else:
            end = file.seek(0, os.SEEK_END)
        yield Chunk(first, end, rows)
        left -= rows
        file.seek(end)


def line_starts(file: BinaryIO) -> Iterator[int]:
    """Give the offset of each line from here on."""
    start = file.tell()
    while line := file.readline(_BLOCK_BYTES):
        yield start
        start += len(line)
        while line and not line.endswith(b"\n"):
            line = file.readline(_BLOCK_BYTES)
            start += len(line)
