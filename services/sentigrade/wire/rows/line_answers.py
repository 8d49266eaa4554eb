"""Answers to rows, a line each: as JSON, or the bare labels."""

from collections.abc import Sequence

import msgspec

from sentigrade.answer import Answer, Rejection
from sentigrade.wire.native import encode_answers, encode_labels, item_of
from sentigrade.wire.rows.row import Row

_encode_lines = msgspec.json.Encoder().encode_lines


class NdjsonWriter:
    """Writes each answer, or error object, as a line of JSON."""

    def header(self) -> bytes:
        """Return nothing: the first line is the first answer."""
        return b""

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:
        """Return the lines of a block."""
        return _encode_lines([item_of(outcome, row.number) for row, outcome in zip(rows, outcomes, strict=True)])


class LabelsWriter:
    """Writes the bare label of each text, or `error: CODE`, as a line of text."""

    def header(self) -> bytes:
        """Return nothing: the first line is the first label."""
        return b""

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
