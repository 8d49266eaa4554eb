"""Which part of a request has the wrong type, told from what msgspec found in it first.

The places in msgspec's messages are made of our field names and of indexes. The caller's own words stand elsewhere in
them, and are not repeated.
"""

import re
from collections.abc import Sequence
from typing import get_type_hints

import msgspec
from msgspec import Meta

from sentigrade.errors import InvalidRequest

_PLACE = re.compile(r" - at `\$([^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
# The name is the caller's; the places are those of the objects that know all of their fields.
_UNKNOWN = re.compile(
    r"Object contains unknown field `(.*?)`(?: - at `\$(\.(?:inputs|outputs)\[\d+\])`)?", flags=re.DOTALL
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


def mistake_of(error: msgspec.ValidationError, advice: str, *types: type[msgspec.Struct]) -> InvalidRequest:
    """Return what to tell the caller: where the mistake is, and what must stand there.

    Of each field of `types` the description says what it must be, in words that follow "must be"; `advice` is what to
    send instead of a body that is no object.
    """
    message = str(error)
    unknown = _UNKNOWN.fullmatch(message)
    if unknown:
        return _unknown(unknown[1], unknown[2] or "", types)
    place = _place(message)
    missing = _MISSING.match(message)
    names = [missing[1]] if missing else re.findall("[a-z_]+", place)
    if not names:
        return InvalidRequest(f"The body must be an object; {advice}.", pointer="")
    must = f"{names[-1]} {'is missing; it ' if missing else ''}must be {_descriptions(types)[names[-1]]}."
    return InvalidRequest(must, pointer=_pointer(place))


def _unknown(name: str, place: str, types: Sequence[type[msgspec.Struct]]) -> InvalidRequest:
    fields = ", ".join(_descriptions(types))
    return InvalidRequest(
        f"There is no such field here; leave it out. The fields are {fields}.",
        pointer=_pointer(f"{place}.{name}" if _PLAIN_NAME.fullmatch(name) else place),
    )


def _place(message: str) -> str:
    found = _PLACE.search(message)
    return found[1] if found else ""


def _pointer(place: str) -> str:
    """Return the JSON pointer of a place such as `.inputs[0].data[3]`."""
    return place.replace(".", "/").replace("[", "/").replace("]", "")


def _descriptions(types: Sequence[type[msgspec.Struct]]) -> dict[str, str]:
    hints = {name: hint for one in types for name, hint in get_type_hints(one, include_extras=True).items()}
    return {
        name: meta.description
        for name, hint in hints.items()
        for meta in getattr(hint, "__metadata__", ())
        if isinstance(meta, Meta) and meta.description
    }
