"""Answers to rows as JSON, a line each or all in one, or as bare labels."""

from collections.abc import Sequence

import msgspec

from sentigrade.answer import Answer, Rejection
from sentigrade.wire.native import encode_answers, encode_labels, item_of
from sentigrade.wire.rows.row import Row, Writer

_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines


class NdjsonWriter(Writer):
    """Writes each answer, or error object, as a line of JSON."""

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:
        """Return the lines of a block."""
        return _encode_lines([item_of(outcome, row.number) for row, outcome in zip(rows, outcomes, strict=True)])


class AnswersWriter(Writer):
    """Writes what a list of texts is answered by: `{"answers": [...]}`."""

    def __init__(self) -> None:
        self._separator = b""

    def header(self) -> bytes:
        """Return the beginning of the object."""
        return b'{"answers":['

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:
        """Return the items of a block."""
        items = [item_of(outcome, row.number) for row, outcome in zip(rows, outcomes, strict=True)]
        separator, self._separator = self._separator, b","
        return separator + _encode(items)[1:-1]

    def footer(self) -> bytes:
        """Return the end of the object."""
        return b"]}"


class LabelsWriter(Writer):
    """Writes the bare label of each text, or `error: CODE`, as a line of text."""

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:  # noqa: ARG002
        """Return the lines of a block."""
        return encode_labels(outcomes, is_list=True)


def encode_lines(outcomes: Sequence[Answer | Rejection], *, is_list: bool) -> bytes:
    """Encode the answer to a question as lines of JSON, a line for each text.

    Raises InvalidRequest when its one text could not be classified; in a list such a text becomes an error object.
    """
    if not is_list:
        return encode_answers(outcomes, is_list=False) + b"\n"
    return _encode_lines([item_of(outcome, row) for row, outcome in enumerate(outcomes)])
