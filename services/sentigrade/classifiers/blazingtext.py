"""BlazingText, asked and read: cleaned texts in bodies of JSON, and the probabilities in what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import UNSET, Raw, UnsetType
from numpy.typing import NDArray

from sentigrade.labels import FASTTEXT_PREFIX, slug_of

# A scorer hands over 256 texts at a time: few enough a body that several are answered at once.
MOST_TEXTS = 64
# A serverless endpoint takes 4 MB, any other 6 MiB. A text that is longer by itself is sent alone.
MOST_BYTES = 4_000_000
_FRAME_BYTES = 100

# What a label is given that an answer leaves out: fastText leaves out all of them where it knows no word of a text.
LEAST = 1e-9
# fastText adds 0.00001 to every probability, so that a sure one is a little above 1.
_MOST = 1.001


class Body(NamedTuple):
    """A request: its JSON, and how many texts are in it."""

    content: bytes
    texts: int


class _Instance(msgspec.Struct):
    """The answer to one text; `error` is what our own service gives for one that it rejects."""

    label: list[str] | UnsetType = UNSET
    prob: list[float] | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[_Instance]).decode


def bodies(cleaned: Sequence[str], labels: int) -> Iterator[Body]:
    """Part cleaned texts, in their order, into requests for the probabilities of so many labels."""
    parts: list[Raw] = []
    size = _FRAME_BYTES
    for part in map(_encode, cleaned):
        if parts and (len(parts) == MOST_TEXTS or size + len(part) > MOST_BYTES):
            yield _body(parts, labels)
            parts, size = [], _FRAME_BYTES
        parts.append(Raw(part))
        size += len(part) + 1  # the comma
    if parts:
        yield _body(parts, labels)


def _body(parts: list[Raw], labels: int) -> Body:
    return Body(_encode({"instances": parts, "configuration": {"k": labels}}), len(parts))


def probabilities(answer: bytes, columns: Mapping[str, int], texts: int) -> NDArray[np.float64]:
    """Return what an answer says of so many texts, texts x labels, each at least LEAST; `columns` are by label id.

    Raises ValueError, which says what is wrong without quoting any of it.
    """
    try:
        instances = _decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError('what it answers is not BlazingText\'s [{"label": [...], "prob": [...]}, ...]') from None
    if len(instances) != texts:
        raise ValueError(f"it gave {len(instances)} answers to {texts} texts")
    found = np.full((texts, len(columns)), LEAST)
    for row, instance in zip(found, instances, strict=True):
        for column, probability in _of(instance, columns).items():
            row[column] = max(probability, LEAST)
    return found


def _of(instance: _Instance, columns: Mapping[str, int]) -> dict[int, float]:
    """Return the probabilities of one text by column."""
    if instance.error is not UNSET:
        raise ValueError("it rejected a text")
    if instance.label is UNSET or instance.prob is UNSET or len(instance.label) != len(instance.prob):
        raise ValueError("it did not give a probability for each label")
    given = zip(instance.label, instance.prob, strict=True)
    found = {_column(label, columns): probability for label, probability in given}
    if len(found) < len(instance.label):
        raise ValueError("it gave a label twice")
    if not all(0 <= probability <= _MOST for probability in found.values()):
        raise ValueError("it gave a number that is no probability")
    return found


def _column(label: str, columns: Mapping[str, int]) -> int:
    """Return the column of a label, whose id is its slug: an endpoint may call it `__label__World`."""
    try:
        return columns[slug_of(label.removeprefix(FASTTEXT_PREFIX))]
    except (KeyError, ValueError):
        raise ValueError(
            "it gave a label that the manifest does not name: adopt it again with its labels, such as ID=NAME"
        ) from None
