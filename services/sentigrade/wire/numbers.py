"""The numbers of JSON, which knows no integers: 2.0 is 2, and some languages write it so.

msgspec's typed decoders tell the two apart. What one of them has refused is decoded again here, with integers wherever
a number is whole, and converted to the type.
"""

from typing import TypeVar

import msgspec

_Type = TypeVar("_Type")


def _whole(literal: str) -> float:
    number = float(literal)
    return int(number) if number.is_integer() else number


decode_numbers = msgspec.json.Decoder(float_hook=_whole).decode


def with_whole_numbers(body: bytes, type_: type[_Type]) -> _Type | None:
    """Return a body that a typed decoder has refused, None if whole numbers were not why."""
    try:
        return msgspec.convert(decode_numbers(body), type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
