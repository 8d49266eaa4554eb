"""SageMaker's multi-model contract: which model to load, and which are loaded."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Sequence
from typing import Annotated, NoReturn

import msgspec
from msgspec import Meta

from sentigrade.errors import InvalidRequest, MalformedRequest

_MODELS_A_PAGE = 100

_SEND = 'send {"model_name": "...", "url": "/opt/ml/models/.../model"}'
_MEANINGS = {
    "model_name": "model_name is a string of 1 to 1,024 printable characters that does not begin with a slash.",
    "url": "url is the path of a model folder, as a string.",
}


class LoadRequest(msgspec.Struct, frozen=True):
    """Which model to load. SageMaker may send more fields, which mean nothing here."""

    model_name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=1024,
            description="What to call it from now on: any printable characters, the first one no slash.",
        ),
    ]
    url: Annotated[str, Meta(min_length=1, description="Path of the model folder, or of the only folder around it.")]


class LoadedModel(msgspec.Struct, frozen=True, rename="camel"):
    """A model that is loaded, by the name and the url that it was loaded with."""

    model_name: str
    model_url: str


class ModelPage(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Some of the loaded models, by name; with the token one asks for those that follow."""

    models: Sequence[LoadedModel]
    next_page_token: str | None = None


_decode = msgspec.json.Decoder(LoadRequest).decode


def decode_load(body: bytes) -> LoadRequest:
    """Decode the body of `POST /models`.

    Raises MalformedRequest for what is not JSON, and InvalidRequest, with a pointer to the culprit, for JSON of
    another shape.
    """
    try:
        wish = _decode(body)
    except msgspec.ValidationError as error:
        _explain(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedRequest(f"The body is not valid JSON in UTF-8; {_SEND}.") from None
    if not wish.model_name.isprintable() or wish.model_name.startswith("/"):
        raise _wrong("model_name")
    return wish


def _explain(error: str) -> NoReturn:
    """Say which part of a well-formed body is missing or has the wrong type; msgspec names the field at the end."""
    field = next((field for field in _MEANINGS if error.endswith((f"`{field}`", f"`$.{field}`"))), None)
    raise _wrong(field) if field else InvalidRequest(f"The body is no object; {_SEND}.", pointer="")


def _wrong(field: str) -> InvalidRequest:
    return InvalidRequest(_MEANINGS[field], pointer=f"/{field}")


def page_of(models: Sequence[LoadedModel], token: str) -> ModelPage:
    """Return the page of `models`, sorted by name, that a token asks for; the empty token asks for the first one.

    Raises InvalidRequest for a token that no page gave.
    """
    first = bisect_right(models, _name_of(token), key=lambda model: model.model_name) if token else 0
    page = models[first : first + _MODELS_A_PAGE]
    is_last = first + _MODELS_A_PAGE >= len(models)
    return ModelPage(page, None if is_last else _token_of(page[-1].model_name))


# A token is the last name of its page, so that what is loaded or unloaded meanwhile shifts no page.
def _token_of(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _name_of(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise InvalidRequest(
            "No page has given this next_page_token; leave it out to begin with the first page.",
            pointer="/next_page_token",
        ) from None
