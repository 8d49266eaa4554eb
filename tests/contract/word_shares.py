"""What models learn that are put together without torch: how a word's occurrences are shared among the labels."""

from typing import Any, ClassVar, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from sentigrade.training.learning import TrainingTexts, Unseen


class NothingToChoose(msgspec.Struct, frozen=True):
    """The parameters of such a training: counting has none."""

    unseen: ClassVar[Unseen] = "folds"

    def chosen(self, _texts: TrainingTexts, _seed: int, /) -> Self:
        return self

    def noted(self) -> dict[str, Any]:
        return {}


def word_shares(texts: TrainingTexts) -> tuple[list[str], NDArray[np.float32]]:
    """Return the words, and a table (words, labels) of the share of each that stands in the label's texts."""
    counts: dict[str, NDArray[np.float32]] = {}
    for text, labels in texts.applying():
        for word in text.split():
            counts.setdefault(word, np.zeros(len(texts.labels), dtype=np.float32))[labels] += 1
    return list(counts), np.array([of_word / max(of_word.sum(), 1) for of_word in counts.values()])
