"""The straight line around rows, with a scorer that knows one answer."""

from collections.abc import Sequence
from io import BytesIO

from sentigrade.answer import Answer, Rejection
from sentigrade.labels import FIVE_LEVELS, LabelSet
from sentigrade.options import Options
from sentigrade.wire.rows.formats import Format, open_rows, open_writer
from sentigrade.wire.rows.row import Row, in_blocks, outcomes_of

ANSWER = Answer(
    label="Positive",
    level=4,
    polarity=0.5,
    probabilities=dict(zip(FIVE_LEVELS.names, (0.0, 0.1, 0.2, 0.3, 0.4), strict=True)),
    model="sentiment",
    version=1,
)
REJECTION = Rejection(code="text_too_long", detail='Too long, "by far".')


def score(texts: Sequence[str]) -> list[Answer | Rejection]:
    return [REJECTION if text == "too long" else ANSWER for text in texts]


def rows_of(format_: Format, body: bytes, *, column: str | None = None, limit: int = 1000) -> list[Row]:
    return list(open_rows(format_, BytesIO(body), column=column, max_row_bytes=limit))


def contents_of(format_: Format, body: bytes, *, column: str | None = None, limit: int = 1000) -> list[str]:
    """The texts, and the codes of the rows that have none."""
    rows = rows_of(format_, body, column=column, limit=limit)
    assert [row.number for row in rows] == list(range(len(rows)))
    return [row.content if isinstance(row.content, str) else f"<{row.content.code}>" for row in rows]


def answer_to(  # as the web door does it
    body: bytes,
    read: Format,
    written: Format,
    *,
    column: str | None = None,
    limit: int = 1000,
    labels: LabelSet = FIVE_LEVELS,
    options: Options = Options(),
) -> bytes:
    rows = open_rows(read, BytesIO(body), column=column, max_row_bytes=limit)
    writer = open_writer(written, rows, labels, options)
    return writer.header() + b"".join(
        writer.encode(block, outcomes_of(block, score)) for block in in_blocks(rows, 1 << 20)
    )
