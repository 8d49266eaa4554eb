"""The rows of a chunk, as every format gives them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from sentigrade.answer import Rejection

if TYPE_CHECKING:
    import pyarrow as pa

# Of a row that goes aside so much is shown, to find it by.
SHOWN_BYTES = 1000


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row: its text or why it cannot be read, its columns by name, and its bytes.

    `place` is what its format finds it by.
    """

    content: str | Rejection
    fields: dict[str, Any]
    raw: bytes
    place: int

    def shown(self) -> str:
        """Return its bytes, or the first of them, for people; where it has none of its own, those of its text."""
        raw = self.raw or (
            self.content[:SHOWN_BYTES].encode(errors="replace") if isinstance(self.content, str) else b""
        )
        return raw[:SHOWN_BYTES].decode(errors="replace").rstrip("\r\n")


class ChunkRows(NamedTuple):
    """All rows of a chunk.

    `lines` is how many lines of the file they take, `line_of` says on which of these, from 0, a row begins. `table` is
    the same rows in Parquet's columns, where they come from there.
    """

    rows: list[Row]
    lines: int
    line_of: Callable[[Row], int]
    table: "pa.Table | None" = None
