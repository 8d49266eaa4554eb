"""A file of any format: planned, read chunk by chunk, and written by a scorer that knows one answer."""

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from tempfile import gettempdir
from typing import BinaryIO, NamedTuple

import msgspec

from sentigrade.answer import Answer
from sentigrade.batch.formats.base import Format, Reading
from sentigrade.batch.formats.named import format_of
from sentigrade.batch.job import Input, TableFormat
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.labels import FIVE_LEVELS, LabelSet
from tests.wire.rows.answering import ANSWER

# The columns that each answer adds, in their order, and what they hold.
ADDED = {
    "label": "Positive",
    "level": 4,
    "polarity": 0.5,
    **{f"probability_{label}": level / 10 for level, label in enumerate(FIVE_LEVELS.ids)},
    "model": "sentiment",
    "version": 1,
}
# The same as text.
ADDED_CELLS = {name: str(value) for name, value in ADDED.items()}


class Planned(NamedTuple):
    """A file and its plan."""

    file: BinaryIO
    format: Format
    surveyed: Input
    reading: Reading

    def chunks(self) -> list[ChunkRows]:
        return [self.format.read(self.file, chunk, self.surveyed, self.reading) for chunk in self.surveyed.chunks]

    def rows(self) -> list[Row]:
        return [row for chunk in self.chunks() for row in chunk.rows]

    def contents(self) -> list[str]:
        """The texts, and the codes of the rows that have none."""
        return [content_of(row) for row in self.rows()]

    def lines(self) -> list[int]:
        """On which line of the file each row begins, as the rows that go aside are told."""
        chunks = self.chunks()
        firsts = accumulate((chunk.lines for chunk in chunks), initial=self.surveyed.first_line)
        return [first + chunk.line_of(row) for first, chunk in zip(firsts, chunks, strict=False) for row in chunk.rows]

    def written(self, *, labels: LabelSet = FIVE_LEVELS, answer: Answer = ANSWER, folder: str = gettempdir()) -> bytes:
        """The output: every row that holds a text, with the same answer."""
        writer = format_of(self.reading.output).writer(self.surveyed, labels)

        def parts() -> Iterator[bytes]:
            for chunk in self.chunks():
                rows = [row for row in chunk.rows if isinstance(row.content, str)]
                if rows:
                    yield writer.encode(rows, [answer] * len(rows), chunk)

        return writer.header() + b"".join(writer.assemble(parts(), Path(folder)))


def planned(
    body: bytes,
    form: TableFormat,
    output: TableFormat | None = None,
    *,
    text_column: str = "text",
    chunk_rows: int = 10_000,
    max_row_bytes: int = 1_000_000,
    limit: int | None = None,
) -> Planned:
    """Look at the bytes of a file, as the plan of a job does."""
    file = BytesIO(body)
    reading = Reading(text_column, output or form, chunk_rows, max_row_bytes, limit)
    survey = format_of(form).survey(file, reading)
    surveyed = Input(name="a", size=len(body), tag=sha256(body).hexdigest(), **survey._asdict())
    # The manifest of a job holds it as JSON.
    again = msgspec.json.decode(msgspec.json.encode(surveyed), type=Input)
    assert again == surveyed
    return Planned(file, format_of(form), again, reading)


def content_of(row: Row) -> str:
    return row.content if isinstance(row.content, str) else f"<{row.content.code}>"
