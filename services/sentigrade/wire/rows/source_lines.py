"""Rows of BlazingText: a line `{"source": "...", "k": 2}` a text, answered by a line of probabilities and labels."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec
from msgspec import UNSET, UnsetType

from sentigrade.answer import Answer, Rejection
from sentigrade.labels import LabelSet
from sentigrade.wire.blazingtext import Count, PredictionEncoder
from sentigrade.wire.rows.body import lines_of, skip_mark
from sentigrade.wire.rows.ndjson import decoded
from sentigrade.wire.rows.row import Row, Writer

_SEND = 'send a line such as {"source": "..."} or {"source": "...", "k": 2}'
_OTHER = "not an object with a string in source, and in k, if it is there, a whole number from 1"


class SourceLine(msgspec.Struct, frozen=True):
    """A text to classify; other fields, such as the label of an augmented manifest, are ignored."""

    source: str
    k: Count = 1


_decode = msgspec.json.Decoder(SourceLine).decode
_encode_lines = msgspec.json.Encoder().encode_lines


class _Sign(msgspec.Struct):
    """What tells such a line from one of ours, which may have a source beside its text."""

    source: msgspec.Raw | UnsetType = UNSET
    mytext: msgspec.Raw | UnsetType = UNSET
    text: msgspec.Raw | UnsetType = UNSET
    texts: msgspec.Raw | UnsetType = UNSET


_decode_sign = msgspec.json.Decoder(_Sign).decode


def has_sources(file: BinaryIO, *, max_row_bytes: int) -> bool:
    """Whether the first line that can be read has its text in `source`; raises MalformedRequest for UTF-16."""
    skip_mark(file)
    for line in lines_of(file, max_row_bytes):
        if isinstance(line, bytes):
            try:
                sign = _decode_sign(line)
            except msgspec.ValidationError:
                return False
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            return sign.source is not UNSET and sign.mytext is sign.text is sign.texts is UNSET
    return False


class SourceRows:
    """The lines of a body, each an object with a source."""

    def __init__(self, file: BinaryIO, *, max_row_bytes: int) -> None:
        """Begin at the first line; raises MalformedRequest for UTF-16."""
        skip_mark(file)
        self._lines = lines_of(file, max_row_bytes)

    def __iter__(self) -> Iterator[Row]:
        return (_row(number, line) for number, line in enumerate(self._lines))


class SourceWriter(Writer):
    """Writes each prediction, or error object, as a line of JSON."""

    def __init__(self, labels: LabelSet) -> None:
        self._predictions = PredictionEncoder(labels)

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:
        """Return the lines of a block."""
        return _encode_lines(
            [self._predictions.line(outcome, row.number, row.k) for row, outcome in zip(rows, outcomes, strict=True)]
        )


def _row(number: int, line: bytes | Rejection) -> Row:
    value = decoded(line, _decode, other=_OTHER, send=_SEND) if isinstance(line, bytes) else line
    return Row(number, value) if isinstance(value, Rejection) else Row(number, value.source, k=value.k)
