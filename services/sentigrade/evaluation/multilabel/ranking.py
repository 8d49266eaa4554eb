"""The area under the ROC curve (AUC): how often a text with a label gets a higher probability of it than one without.

scikit-learn computes the same, but sorts the probabilities anew for each of a thousand samples of the texts, which
takes minutes. Here they are sorted once.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.evaluation.bootstrap import Times


class Ranking:
    """How n texts rank by the probability of each label."""

    def __init__(self, probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> None:
        """Take probabilities and truth (0 or 1), both texts x labels."""
        self._labels = [_Label.of(*column) for column in zip(probabilities.T, truth.T, strict=True)]

    def aucs(self, times: Times) -> NDArray[np.float64]:
        """Return the AUC of each label in a sample; NaN if it has no text with the label, or none without."""
        return np.array([label.auc(times) for label in self._labels])

    def mean_auc(self, times: Times) -> float:
        """Return the mean over the labels that have an AUC in this sample; NaN if none has."""
        aucs = self.aucs(times)
        known = aucs[~np.isnan(aucs)]
        return float(known.mean()) if len(known) else float("nan")


class _Label(NamedTuple):
    """Where p texts with a label stand among the q without it.

    having     (p,) positions of the texts with it
    lacking    (q,) positions of the texts without it, the least probable first
    below      (p,) how many of those are less probable than the text with it
    up_to      (p,) how many are at most as probable
    """

    having: NDArray[np.int64]
    lacking: NDArray[np.int64]
    below: NDArray[np.int64]
    up_to: NDArray[np.int64]

    @classmethod
    def of(cls, probabilities: NDArray[np.float64], applies: NDArray[np.int64]) -> Self:
        having, lacking = np.flatnonzero(applies), np.flatnonzero(applies == 0)
        lacking = lacking[probabilities[lacking].argsort()]
        asked, among = probabilities[having], probabilities[lacking]
        return cls(having, lacking, among.searchsorted(asked), among.searchsorted(asked, side="right"))

    def auc(self, times: Times) -> float:
        having = times[self.having]
        lacking = np.concatenate(([0], times[self.lacking].cumsum()))
        pairs = having.sum() * lacking[-1]
        # A tie is half a success.
        return float(having @ (lacking[self.below] + lacking[self.up_to]) / (2 * pairs)) if pairs else float("nan")
