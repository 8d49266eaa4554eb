"""Rows: many texts in one body, read and answered block by block, so that memory does not grow with their number."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from sentigrade.answer import Answer, Rejection

# As many as the scorer takes at once.
BLOCK_ROWS = 256


class Row(msgspec.Struct, frozen=True):
    """One row of a body: its number, from 0, and its text or why it cannot be read.

    `record` is what an answer in the body's own format repeats; empty where there is no such answer. `k` is how many
    labels a line of BlazingText asks for.
    """

    number: int
    content: str | Rejection
    record: bytes = b""
    k: int = 1


class Writer(Protocol):
    """Writes the answers to rows in one format: the header once, then the blocks in order, then the footer."""

    def header(self) -> bytes:
        """Return what stands before the first row."""
        return b""

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:
        """Return the answers to a block of rows."""
        ...

    def footer(self) -> bytes:
        """Return what stands after the last row."""
        return b""


def in_blocks(rows: Iterable[Row], most_bytes: int, most_rows: int = BLOCK_ROWS) -> Iterator[list[Row]]:
    """Part rows into lists that are short in rows and in bytes; a row that is long by itself ends its list."""
    block: list[Row] = []
    size = 0
    for row in rows:
        block.append(row)
        size += len(row.record) + (len(row.content) if isinstance(row.content, str) else 0)
        if len(block) == most_rows or size >= most_bytes:
            yield block
            block, size = [], 0
    if block:
        yield block


class HasContent(Protocol):
    """A row of any kind: its text, or why it cannot be read."""

    @property
    def content(self) -> str | Rejection:
        """The one or the other."""
        ...


def outcomes_of(
    rows: Sequence[HasContent], score: Callable[[list[str]], Iterable[Answer | Rejection]]
) -> list[Answer | Rejection]:
    """Answer the rows that hold a text; the others keep their rejection, in their place."""
    answers = iter(score([row.content for row in rows if isinstance(row.content, str)]))
    return [next(answers) if isinstance(row.content, str) else row.content for row in rows]
