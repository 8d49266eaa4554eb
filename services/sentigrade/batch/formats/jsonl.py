"""JSON lines: an object a row, whose other fields pass through as they are spelled; or a bare string."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from sentigrade.answer import Answer, Rejection
from sentigrade.batch.formats.base import Reading, Survey, Writer
from sentigrade.batch.formats.offsets import chunks_of, line_starts
from sentigrade.batch.job import Chunk, Input
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet
from sentigrade.wire.rows.answer_columns import free_name
from sentigrade.wire.rows.body import lines_of, skip_mark
from sentigrade.wire.rows.ndjson import decoded

_OTHER = "neither an object nor a string"
_SEND = 'write a line such as {"text": "..."}'
# As many as we read of a CSV.
_MOST_COLUMNS = 1024

_Fields = dict[str, msgspec.Raw]
_decode = msgspec.json.Decoder(str | _Fields).decode
_decode_text = msgspec.json.Decoder(str).decode
_encode_lines = msgspec.json.Encoder().encode_lines


class JsonLines:
    """Files of JSON lines."""

    suffixes = (".jsonl", ".ndjson")

    def survey(self, file: BinaryIO, reading: Reading) -> Survey:
        """Find where lines begin, and for an output with columns the names of all fields."""
        skip_mark(file)
        begin = file.tell()
        chunks = tuple(chunks_of(file, line_starts, reading))
        if reading.output in {"jsonl", "lines"}:
            return Survey(chunks)
        file.seek(begin)
        lines = islice(lines_of(file, reading.max_row_bytes), sum(chunk.rows for chunk in chunks))
        columns = dict.fromkeys([reading.text_column])
        for line in lines:
            columns.update(dict.fromkeys(_read(line, reading.text_column)[1]))
            if len(columns) > _MOST_COLUMNS:
                raise DataError(
                    f"it has more than {_MOST_COLUMNS:,} different fields, too many for columns: write jsonl"
                )
        return Survey(chunks, tuple(columns))

    def read(self, file: BinaryIO, chunk: Chunk, surveyed: Input, reading: Reading) -> ChunkRows:  # noqa: ARG002 - lines name their fields themselves
        """Return the lines of a chunk."""
        file.seek(chunk.start)
        rows = [
            Row(*_read(line, reading.text_column), line if isinstance(line, bytes) else b"", number)
            for number, line in enumerate(islice(lines_of(file, reading.max_row_bytes), chunk.rows))
        ]
        return ChunkRows(rows, chunk.rows, lambda row: row.place)

    def writer(self, surveyed: Input, labels: LabelSet) -> Writer:  # noqa: ARG002 - answers name their fields themselves
        """Return what writes the fields of a row and those of its answer into one object."""
        return _JsonWriter()


class _JsonWriter(Writer):
    def encode(self, rows: Sequence[Row], answers: Sequence[Answer], chunk: ChunkRows) -> bytes:  # noqa: ARG002 - for formats of columns
        """Return a line for each answer."""
        return _encode_lines([_merged(row.fields, answer) for row, answer in zip(rows, answers, strict=True)])


def _read(line: bytes | Rejection, text_column: str) -> tuple[str | Rejection, dict[str, Any]]:
    """Return the text of a line, or why it has none, and its fields."""
    value = decoded(line, _decode, other=_OTHER, send=_SEND) if isinstance(line, bytes) else line
    if isinstance(value, Rejection):
        return value, {}
    if isinstance(value, str):
        return value, {text_column: value}
    try:
        return _decode_text(value[text_column]), value
    except KeyError:
        detail = f"The object has no field {text_column!r}; every line needs it."
    except msgspec.DecodeError:
        detail = f"The field {text_column!r} holds no text; {_SEND}."
    return Rejection(code="invalid", detail=detail), {}


def _merged(fields: dict[str, Any], answer: Answer) -> dict[str, Any]:
    said = msgspec.structs.asdict(answer)
    added = {free_name(name, fields): value for name, value in said.items() if value is not None}  # type: ignore[arg-type]  # only asked what is in it
    return {**fields, **added}
