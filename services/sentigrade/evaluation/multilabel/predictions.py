"""What a multi-label model said of texts whose labels are known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sentigrade.evaluation.bootstrap import Times
from sentigrade.evaluation.multilabel.ranking import Ranking
from sentigrade.evaluation.said import Said
from sentigrade.labels import NEVER


@dataclass(frozen=True)
class MultilabelPredictions(Said):
    """Probabilities and truth of n texts, each with any number of labels.

    probabilities    (n, labels), each for itself
    truth            (n, labels), 1 where a label applies, else 0
    """

    MAIN: ClassVar[str] = "mean_auc"

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """From which probability on each label is given, (labels,); 1 means never."""
        return np.array([label.threshold for label in self.labels.items], dtype=np.float64)

    @property
    def given(self) -> NDArray[np.int64]:
        """1 where a label reaches its threshold, else 0, (n, labels)."""
        thresholds = self.thresholds
        return ((self.probabilities >= thresholds) & (thresholds < NEVER)).astype(np.int64)

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether all labels of a text are right, (n,)."""
        correct: NDArray[np.bool_] = (self.given == self.truth).all(axis=1)
        return correct

    def ranking(self) -> Ranking:
        """Return what computes areas under the ROC curve."""
        return Ranking(self.probabilities, self.truth)

    def main(self) -> Callable[[Times], float]:
        """Return what computes the mean AUC over a sample of the texts."""
        return self.ranking().mean_auc

    def warnings(self) -> list[str]:
        """Return a sentence for each kind of label that has no AUC."""
        return [
            f"{which} the label {', '.join(names)}: there is no AUC of it, and none in the mean{more}."
            for which, names, more in self._without_auc()
            if names
        ]

    def _without_auc(self) -> Iterator[tuple[str, list[str], str]]:
        texts = self.truth.sum(axis=0)
        for which, count, more in (
            ("No text has", 0, "; it counts as 0 in macro-F1"),
            ("Each text has", len(self), ""),
        ):
            yield which, [self.labels.names[position] for position in np.flatnonzero(texts == count)], more
