"""Our own JSON: `{"mytext": ...}` in, answers out.

One string is answered by one object, a list by `{"answers": [...]}` of the same order and length.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple, NoReturn

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.options import Options
from sentigrade.wire.choices import OPTION_NAMES, explain_options, no_such_option, query_fields
from sentigrade.wire.numbers import decode_numbers

# Any of these holds the text or the list of texts.
TEXT_FIELDS = ("mytext", "text", "texts")

_SEND = 'send {"mytext": "..."} or {"mytext": ["...", "..."]}'


class PredictRequest(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text or a list of texts, in exactly one of three fields, and what is wanted of the answer."""

    mytext: Annotated[str | list[str], Meta(description="The text, or a list of texts.")] | UnsetType = UNSET
    text: Annotated[str | list[str], Meta(description="Another name for `mytext`.")] | UnsetType = UNSET
    texts: Annotated[str | list[str], Meta(description="Another name for `mytext`.")] | UnsetType = UNSET


class RejectedText(Rejection, kw_only=True, frozen=True):
    """Why the text in this place could not be classified."""

    row: Annotated[int, Meta(ge=0, description="Its number in the request, from 0.")]


class RejectedItem(msgspec.Struct, frozen=True):
    """What stands in the place of an answer where a text could not be classified."""

    error: RejectedText


_decode = msgspec.json.Decoder(PredictRequest).decode
_encode = msgspec.json.Encoder().encode


class Question(NamedTuple):
    """Decoded request: texts, and whether they came as a list."""

    texts: list[str]
    is_list: bool
    options: Options = Options()


def decode_question(body: bytes, *, max_texts: int) -> Question:
    """Decode a JSON body.

    Raises MalformedRequest for what is not JSON, and InvalidRequest, with a pointer to the culprit, for JSON of
    another shape.
    """
    try:
        fields = _decode(body)
    except msgspec.ValidationError:
        fields = _fields_of(_parse(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _malformed() from None
    return _question(fields, max_texts)


def decode_query(query: str) -> Question:
    """Decode a query string such as `text=...&scores=true`; the same errors as `decode_question`."""
    return _question(_fields_of(query_fields(query)), max_texts=1)


def _fields_of(content: object) -> PredictRequest:
    try:
        return msgspec.convert(content, PredictRequest)
    except msgspec.ValidationError:
        _explain(content)


def _question(fields: PredictRequest, max_texts: int) -> Question:
    given = [name for name in TEXT_FIELDS if getattr(fields, name) is not UNSET]
    if len(given) != 1:
        raise InvalidRequest(f"Exactly one of {', '.join(TEXT_FIELDS)} holds the text; {_SEND}.", pointer="")
    content: str | list[str] = getattr(fields, given[0])
    if isinstance(content, str):
        return Question([content], is_list=False, options=fields)
    if not 1 <= len(content) <= max_texts:
        raise InvalidRequest(f"The list holds {len(content):,} texts; send 1 to {max_texts:,}.", pointer=f"/{given[0]}")
    return Question(content, is_list=True, options=fields)


def encode_answers(outcomes: Sequence[Answer | Rejection], *, is_list: bool) -> bytes:
    """Encode the answer to a question as JSON.

    Raises InvalidRequest when its one text could not be classified; in a list such a text becomes an error object.
    """
    if is_list:
        return _encode({"answers": [item_of(outcome, row) for row, outcome in enumerate(outcomes)]})
    return _encode(_only_answer(outcomes))


def encode_labels(outcomes: Sequence[Answer | Rejection], *, is_list: bool) -> bytes:
    """Encode the bare labels as text, a line for each text; a text that could not be classified gives `error: CODE`."""
    if not is_list:
        return bare_label(_only_answer(outcomes)).encode()
    lines = (bare_label(outcome) if isinstance(outcome, Answer) else f"error: {outcome.code}" for outcome in outcomes)
    return "".join(f"{line}\n" for line in lines).encode()


def bare_label(answer: Answer) -> str:
    """Return the label alone; several are parted by bars."""
    return "|".join(answer.applying)


def _only_answer(outcomes: Sequence[Answer | Rejection]) -> Answer:
    (outcome,) = outcomes
    if isinstance(outcome, Rejection):
        raise InvalidRequest(outcome.detail, pointer="")
    return outcome


def item_of(outcome: Answer | Rejection, row: int) -> Answer | RejectedItem:
    """Return what stands for an outcome among others: the answer, or an error object with the number of its row."""
    if isinstance(outcome, Answer):
        return outcome
    return RejectedItem(RejectedText(code=outcome.code, detail=outcome.detail, row=row))


def _malformed() -> MalformedRequest:
    return MalformedRequest(f"The body is not valid JSON in UTF-8, or it holds half of a surrogate pair; {_SEND}.")


def _parse(body: bytes) -> object:
    try:
        return decode_numbers(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _malformed() from None


def _explain(content: object) -> NoReturn:
    """Say which part of a well-formed body has the wrong type or name."""
    if not isinstance(content, dict):
        raise InvalidRequest(f"The body is {_kind(content)}; {_SEND}.", pointer="")
    for name, value in content.items():
        if name not in PredictRequest.__struct_fields__:
            raise no_such_option(name, f"Please {_SEND}, with the options {', '.join(OPTION_NAMES)}.")
        if name in TEXT_FIELDS:
            _explain_texts(name, value)
    explain_options(content)
    raise InvalidRequest(f"The body has another shape; {_SEND}.", pointer="")


def _explain_texts(name: str, value: object) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if not isinstance(item, str):
                raise InvalidRequest(
                    f"Item {index} of the list is {_kind(item)}; every item must be a string.",
                    pointer=f"/{name}/{index}",
                )
    elif not isinstance(value, str):
        raise InvalidRequest(f"{name} is {_kind(value)}; {_SEND}.", pointer=f"/{name}")


def _kind(value: object) -> str:
    kinds = {type(None): "null", bool: "a boolean", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
