"""Rows of JSON: a line a string, or an object with the text in one of its fields."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from sentigrade.answer import Rejection
from sentigrade.errors import InvalidRequest
from sentigrade.wire.native import TEXT_FIELDS
from sentigrade.wire.rows.body import NOT_UNICODE, lines_of, skip_mark
from sentigrade.wire.rows.row import Row

_SEND = 'send a line such as {"text": "..."} or "..."'
_OTHER = "neither a string nor an object with a string for its text"

_Value = TypeVar("_Value")


class NdjsonRows:
    """The lines of a body, each a JSON value; fields other than the text's are ignored."""

    def __init__(self, file: BinaryIO, column: str | None, *, max_row_bytes: int) -> None:
        """`column` is the field of the text; without, it is any of the usual ones.

        Raises MalformedRequest for UTF-16, InvalidRequest for a field that cannot be looked for.
        """
        skip_mark(file)
        self._lines = lines_of(file, max_row_bytes)
        self._decode = _decoder(TEXT_FIELDS if column is None else (column,))
        self._missing = _missing(column)

    def __iter__(self) -> Iterator[Row]:
        for number, line in enumerate(self._lines):
            yield Row(number, self._content(line) if isinstance(line, bytes) else line)

    def _content(self, line: bytes) -> str | Rejection:
        value = decoded(line, self._decode, other=_OTHER, send=_SEND)
        return value if isinstance(value, str | Rejection) else self._only_text(value)

    def _only_text(self, fields: msgspec.Struct) -> str | Rejection:
        given = [text for text in msgspec.structs.astuple(fields) if text is not UNSET]
        return given[0] if len(given) == 1 else self._missing


def decoded(line: bytes, decode: Callable[[str], _Value], *, other: str, send: str) -> _Value | Rejection:
    """Return what a line of JSON holds, or why it cannot be read.

    `other` is what a line of the wrong shape is, `send` what to send instead.
    """
    try:
        return decode(line.decode())
    except UnicodeDecodeError:
        return NOT_UNICODE
    except msgspec.ValidationError:
        return _invalid(f"The line is {other}; {send}.")
    except (msgspec.DecodeError, RecursionError):
        reason = "not valid JSON, or it holds half of a surrogate pair" if line.strip() else "empty"
        return Rejection(code="malformed", detail=f"The line is {reason}; {send}.")


def _decoder(names: Sequence[str]) -> Callable[[str], Any]:
    """Return what decodes a line; fields of other names are skipped without ever being in memory."""
    fields = [
        (f"text{number}", str | UnsetType, msgspec.field(default=UNSET, name=name)) for number, name in enumerate(names)
    ]
    try:
        line = msgspec.defstruct("_Line", fields)
    except ValueError:
        raise InvalidRequest(
            "The field's name has a quote, a backslash or a control character in it; rename it.", pointer="/column"
        ) from None
    return msgspec.json.Decoder(str | line).decode


def _missing(column: str | None) -> Rejection:
    if column is None:
        return _invalid(
            f"Exactly one of {', '.join(TEXT_FIELDS)} holds the text; name another field with the option column."
        )
    return _invalid("The object has no field of the name that the option column gives; every line needs it.")


def _invalid(detail: str) -> Rejection:
    return Rejection(code="invalid", detail=detail)
