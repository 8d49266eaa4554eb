"""The requests and answers of BlazingText: `{"instances": [...]}` in, labels with their probabilities out.

Labels are their ids with fastText's prefix, the most probable first; each request says how many (`k`, one by default).
"""

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sentigrade.answer import Answer, Rejection
from sentigrade.answering import most_probable
from sentigrade.errors import InvalidRequest
from sentigrade.labels import FASTTEXT_PREFIX, LabelSet
from sentigrade.wire.native import item_of
from sentigrade.wire.numbers import with_whole_numbers

Count = Annotated[int, Meta(ge=1, description="How many labels to give, the most probable first.")]


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a request may choose."""

    k: Count = 1


class BlazingTextRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts to classify."""

    instances: Annotated[list[str], Meta(description="The texts, in any number up to the limit of a list.")]
    configuration: Configuration = Configuration()


class Prediction(msgspec.Struct, frozen=True):
    """The answer to one instance."""

    label: list[str]
    prob: list[float]


class LinePrediction(msgspec.Struct, frozen=True):
    """The answer to one line: as BlazingText writes it, the probabilities stand first."""

    prob: list[float]
    label: list[str]


class _Attempt(msgspec.Struct):
    """Whatever has a field of a request was meant as one."""

    instances: msgspec.Raw | UnsetType = UNSET
    configuration: msgspec.Raw | UnsetType = UNSET


_decode = msgspec.json.Decoder(BlazingTextRequest).decode
_decode_attempt = msgspec.json.Decoder(_Attempt).decode
_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines

# Where msgspec says that something is wrong; names of the caller's own are no part of it.
_PLACE = re.compile(r" - at `\$((?:\.instances|\.configuration|\.k|\[\d+\])+)`$")


def decode_request(body: bytes, *, max_texts: int) -> BlazingTextRequest | None:
    """Decode a JSON body; None for one that is no request to BlazingText, whatever else it may be.

    Raises InvalidRequest, with a pointer to the culprit, for a request of the wrong shape.
    """
    try:
        request = _decode(body)
    except msgspec.ValidationError as error:
        if not _is_attempt(body):
            return None
        whole = with_whole_numbers(body, BlazingTextRequest)
        if whole is None:
            raise _explained(error) from None
        request = whole
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not 1 <= len(request.instances) <= max_texts:
        raise InvalidRequest(
            f"The list holds {len(request.instances):,} texts; send 1 to {max_texts:,}.", pointer="/instances"
        )
    return request


class PredictionEncoder:
    """Writes answers in the names of one label set."""

    def __init__(self, labels: LabelSet) -> None:
        self._ids = {label.name: f"{FASTTEXT_PREFIX}{label.id}" for label in labels.items}

    def encode(self, outcomes: Sequence[Answer | Rejection], k: int) -> bytes:
        """Encode a JSON list, an object for each text; one that could not be classified has an error object."""
        return _encode(
            [
                item_of(outcome, row) if isinstance(outcome, Rejection) else Prediction(*self._top(outcome, k))
                for row, outcome in enumerate(outcomes)
            ]
        )

    def encode_lines(self, outcomes: Sequence[Answer | Rejection], k: int) -> bytes:
        """Encode the same as lines of JSON."""
        return _encode_lines([self.line(outcome, row, k) for row, outcome in enumerate(outcomes)])

    def encode_labels(self, outcomes: Sequence[Answer | Rejection], k: int) -> bytes:
        """Encode the bare labels, a line for each text, as `fasttext predict` prints them."""
        lines = (
            f"error: {outcome.code}" if isinstance(outcome, Rejection) else " ".join(self._top(outcome, k)[0])
            for outcome in outcomes
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def line(self, outcome: Answer | Rejection, row: int, k: int) -> object:
        """Return what stands in the line of a text, to be encoded as JSON; its number is `row`."""
        if isinstance(outcome, Rejection):
            return item_of(outcome, row)
        labels, probabilities = self._top(outcome, k)
        return LinePrediction(probabilities, labels)

    def _top(self, answer: Answer, k: int) -> tuple[list[str], list[float]]:
        """Return the labels and the probabilities, in the order of a `Prediction`."""
        top: dict[str, float] = most_probable(answer, k)["probabilities"]
        return [self._ids[name] for name in top], list(top.values())


def _is_attempt(body: bytes) -> bool:
    try:
        attempt = _decode_attempt(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return attempt.instances is not UNSET or attempt.configuration is not UNSET


def _explained(error: msgspec.ValidationError) -> InvalidRequest:
    place = _PLACE.search(str(error))
    pointer = re.sub(r"[.\[]", "/", place[1]).replace("]", "") if place else ""
    if pointer.startswith("/instances"):
        detail = "instances is a list of texts, each of them a string."
    elif pointer.startswith("/configuration"):
        detail = 'configuration is an object such as {"k": 2}; k is a whole number of labels, from 1.'
    else:
        detail = 'A request to BlazingText is {"instances": ["..."], "configuration": {"k": 2}} and nothing else.'
    return InvalidRequest(detail, pointer=pointer)
