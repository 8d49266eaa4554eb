"""What a format of files can do."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from sentigrade.answer import Answer
from sentigrade.batch.job import Chunk, Input, TableFormat
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet


class Reading(NamedTuple):
    """How a file is read: where its texts stand, what it becomes, and the most rows and bytes of its parts.

    `limit` is how many rows are read, None for all.
    """

    text_column: str
    output: TableFormat
    chunk_rows: int
    max_row_bytes: int
    limit: int | None = None


class Survey(NamedTuple):
    """What a look at a whole file tells; the fields are those of `Input`."""

    chunks: tuple[Chunk, ...]
    columns: tuple[str, ...] = ()
    first_line: int = 1
    schema: bytes = b""


class Writer(Protocol):
    """Makes the output of one input, chunk by chunk, in any order."""

    def header(self) -> bytes:
        """Return what stands before the first part."""
        return b""

    def encode(self, rows: Sequence[Row], answers: Sequence[Answer], chunk: ChunkRows) -> bytes:
        """Return the part of a chunk: those of its rows that were answered, with their answers."""
        ...

    def assemble(self, parts: Iterable[bytes], folder: Path) -> Iterable[bytes]:  # noqa: ARG002 - as they are, parts need no room
        """Give the pieces of the output, from all the parts in order; `folder` has room for one that must be whole."""
        return parts


class Format(Protocol):
    """Reads files of one format, and writes them."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What its files' names end in, the usual one first."""
        ...

    def survey(self, file: BinaryIO, reading: Reading) -> Survey:
        """Look at a whole file; it is at its start.

        Raises DataError or RequestError for what concerns all of it, such as a column that is not there.
        """
        ...

    def read(self, file: BinaryIO, chunk: Chunk, surveyed: Input, reading: Reading) -> ChunkRows:
        """Return the rows of a chunk; what is wrong with one row is in that row."""
        ...

    def writer(self, surveyed: Input, labels: LabelSet) -> Writer:
        """Return what writes this format from that input."""
        ...


def require_columns(columns: Sequence[str], wanted: str) -> None:
    """Raise DataError unless each column has a name of its own and the wanted one is among them."""
    if wanted not in columns:
        raise DataError(
            f"there is no column {wanted!r}; the columns are {', '.join(map(repr, columns))}: "
            "name that of the texts with --text-column"
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise DataError(f"there are several columns {twice[0]!r}: rename all but one")
