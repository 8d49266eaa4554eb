"""Where rows stand in a file of lines, found without ever holding more of it than a block."""

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from sentigrade.batch.formats.base import Reading
from sentigrade.batch.job import Chunk

# A chunk ends after so many bytes where its rows are long.
CHUNK_BYTES = 8 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024


def chunks_of(file: BinaryIO, starts: Iterable[int], reading: Reading) -> Iterator[Chunk]:
    """Cut a file into chunks, given where its rows start."""
    first, rows, left = -1, 0, reading.limit
    for start in starts:
        if left == 0:
            if rows:
                yield Chunk(first, start, rows)
            return
        if rows == 0:
            first = start
        elif rows == reading.chunk_rows or start - first >= CHUNK_BYTES:
            yield Chunk(first, start, rows)
            first, rows = start, 0
        rows += 1
        left = None if left is None else left - 1
    if rows:
        yield Chunk(first, file.seek(0, os.SEEK_END), rows)


def line_starts(file: BinaryIO) -> Iterator[int]:
    """Give the offset of each line from here on."""
    start = file.tell()
    while line := file.readline(_BLOCK_BYTES):
        yield start
        start += len(line)
        while line and not line.endswith(b"\n"):
            line = file.readline(_BLOCK_BYTES)
            start += len(line)


def lines_between(file: BinaryIO, start: int, end: int) -> int:
    """Return how many lines end between two offsets."""
    file.seek(start)
    count = 0
    while start < end and (block := file.read(min(_BLOCK_BYTES, end - start))):
        count += block.count(b"\n")
        start += len(block)
    return count
