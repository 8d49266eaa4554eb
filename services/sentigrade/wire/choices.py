"""The options of a request, as JSON fields or in a query string."""

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.options import Options

OPTION_NAMES = Options.__struct_fields__

# What a misspelt option looks like; no part of it needs escaping in a JSON pointer.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")

_MEANINGS = {
    "model": "model is the name of a served model, as a string.",
    "scores": "scores is true or false.",
    "explain": "explain is true or false.",
    "sentences": "sentences is true or false.",
    "top_k": "top_k is a whole number of labels, from 1 to 1,000.",
    "thresholds": 'thresholds is an object of labels and numbers from 0 to 1, such as {"toxic": 0.5}.',
}


def query_fields(query: str) -> dict[str, Any]:
    """Return the fields of a query string such as `text=...&scores=true&top_k=2`.

    Flags and numbers are read; what cannot be read stays a string, for the check of types to find. Raises
    MalformedRequest for bytes that are no text, InvalidRequest for a field that stands twice.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=16)
    except ValueError:
        raise MalformedRequest("The query is not percent-encoded UTF-8; send ?text=... .") from None
    fields: dict[str, Any] = dict(pairs)
    if len(fields) < len(pairs):
        raise InvalidRequest("A field stands twice in the query; send ?text=... , or a list in a POST.", pointer="")
    for name in OPTION_NAMES:
        if name in fields and name != "model":
            fields[name] = _read(fields[name])
    return fields


def _read(value: str) -> Any:  # noqa: ANN401 - whatever the caller wrote
    try:
        read = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value
    return value if read is None else read  # what is not wanted is left out


def options_of(fields: dict[str, Any]) -> Options:
    """Return the options in decoded fields; raises InvalidRequest for one that is unknown or of the wrong type."""
    for name in fields:
        if name not in OPTION_NAMES:
            raise no_such_option(name, f"The options are {', '.join(OPTION_NAMES)}; rows also take column.")
    explain_options(fields)
    return msgspec.convert(fields, Options)


def explain_options(fields: dict[str, Any]) -> None:
    """Raise InvalidRequest for the first option that has the wrong type."""
    for name in OPTION_NAMES:
        if name in fields:
            try:
                msgspec.convert({name: fields[name]}, Options)
            except msgspec.ValidationError:
                raise InvalidRequest(_MEANINGS[name], pointer=f"/{name}") from None


def no_such_option(name: str, advice: str) -> InvalidRequest:
    """Return the error for an unknown field; it names the field unless that could be a text in the wrong place."""
    return InvalidRequest(f"There is no such option. {advice}", pointer=f"/{name}" if _NAME.fullmatch(name) else "")
