"""What a model said of texts whose labels are known."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sentigrade.labels import LabelSet


@dataclass(frozen=True)
class Predictions:
    """Probabilities and truth of n texts.

    probabilities    (n, labels), each row summing to 1
    truth            (n,) position of each text's label in the label set
    """

    labels: LabelSet
    probabilities: NDArray[np.float64]
    truth: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def best(self) -> NDArray[np.int64]:
        """The most probable label of each text, (n,)."""
        best: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return best

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of that label, (n,)."""
        confidence: NDArray[np.float64] = self.probabilities.max(axis=1)
        return confidence

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether that label is the true one, (n,)."""
        correct: NDArray[np.bool_] = self.best == self.truth
        return correct

    def confusion(self) -> NDArray[np.int64]:
        """Return how many texts of each true label (rows) got each label (columns)."""
        count = len(self.labels)
        return np.bincount(self.truth * count + self.best, minlength=count**2).reshape(count, count)

    def only(self, chosen: NDArray[np.bool_]) -> "Predictions":
        """Return the texts where `chosen` (n,) is true."""
        return replace(self, probabilities=self.probabilities[chosen], truth=self.truth[chosen])
