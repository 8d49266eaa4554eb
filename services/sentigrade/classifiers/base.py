"""What every family of classifiers can do, and what it is made from."""

from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple, Protocol, runtime_checkable

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from sentigrade.labels import LabelSet


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A SageMaker endpoint that classifies; `region` is an AWS region such as eu-west-1."""

    name: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]
    region: Annotated[str, Meta(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$")]


class Parts(NamedTuple):
    """What a verified model folder says of its classifier.

    `file` names the model file in errors, `content` are its bytes; a family whose classifier lies elsewhere has none.
    """

    labels: LabelSet
    file: str = ""
    content: bytes = b""
    endpoint: Endpoint | None = None


class Classifier(Protocol):
    """Scores cleaned texts. A family is a class with these methods and a `load` that makes one from its parts.

    `load` runs before the workers fork, so what it reads is shared; `start` runs in each worker, for what does not
    survive a fork (threads, sessions of other runtimes).
    """

    def start(self) -> None:
        """Get ready in the process that will score."""
        ...

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels, in the order of the texts and of the label set."""
        ...

    def words(self) -> Iterable[str]:
        """Return words that this classifier knows, so that the cleaner can be warmed with them."""
        ...


@runtime_checkable
class Additive(Classifier, Protocol):
    """A classifier whose scores are sums over the words of a text, so that it can say what each word adds."""

    def contributions(self, tokens: Sequence[str], label: int) -> tuple[float, list[float]]:
        """Return what a text without words scores for a label (its column), and what each cleaned token adds.

        Together they are the score of the text of these tokens.
        """
        ...

    def known_words(self, cleaned: str) -> int:
        """Return how many words of a cleaned text it knows, repeated ones counted as often as they occur."""
        ...
