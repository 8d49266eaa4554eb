"""What a job is: its inputs, cut into chunks, and all that decides what becomes of them.

Two runs of one job write the same bytes, whichever engine runs it and however often it was interrupted.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

TableFormat = Literal["csv", "tsv", "jsonl", "lines", "parquet"]
Compression = Literal["none", "gzip", "zstd"]


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for, as far as it decides what is written.

    model           the identity of the model: name, version and digest of its manifest
    source          what is read, as it was named
    text_column     where a row has its text
    format          of the outputs; None is that of each input
    compression     of the outputs; None is that of each input
    limit           how many rows are read of all the inputs together; None is all of them
    chunk_rows      the most rows of a chunk
    max_characters  of a text; longer ones go aside
    max_row_bytes   of a row; longer ones go aside
    """

    model: str
    source: str
    text_column: str
    format: TableFormat | None = None
    compression: Compression | None = None
    limit: int | None = None
    chunk_rows: int
    max_characters: int
    max_row_bytes: int


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """Rows of a file that are scored at once.

    `start` and `end` are offsets in its decompressed bytes; of Parquet they count rows in a row group, `group`.
    """

    start: int
    end: int
    rows: int
    group: int = 0


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A file to read: its name below the source, its size in bytes, and the tag that says that it is still the same.

    `columns` are those that pass through, as far as the output has to know them; `schema` is Parquet's own. The first
    row stands on `first_line`, counted from 1; of Parquet lines are rows.
    """

    name: str
    size: int
    tag: str
    columns: tuple[str, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    first_line: int = 1
    schema: bytes = b""

    @property
    def rows(self) -> int:
        """How many rows are read of it."""
        return sum(chunk.rows for chunk in self.chunks)


class Place(NamedTuple):
    """A chunk of a job: the number of its input and its own number in there, both from 0."""

    input: int
    chunk: int


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of a job, which lies in its sink from the start."""

    schema: Literal[1] = 1
    work: Work
    inputs: tuple[Input, ...]

    @property
    def rows(self) -> int:
        """How many rows are read of all inputs."""
        return sum(each.rows for each in self.inputs)

    def places(self) -> Iterator[Place]:
        """Give all chunks, one input after the other."""
        for number, each in enumerate(self.inputs):
            for chunk in range(len(each.chunks)):
                yield Place(number, chunk)
