"""Figures that say how good answers are."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, log_loss

_BINS = 15
_DRAWS = 1000


class Measures(NamedTuple):
    """Figures over n texts.

    ece                  expected calibration error of the top probability, 15 bins of equal width
    ece_expected         what it would be on average for perfect calibration, which is not 0 on few texts
    mean_level_error     mean distance between the level and the true one
    """

    n: int
    accuracy: float
    macro_f1: float
    log_loss: float
    ece: float
    ece_expected: float
    mean_level_error: float

    def rounded(self) -> dict[str, float]:
        """Return the figures by name, to the digits that mean something."""
        return {name: round(value, 4) for name, value in self._asdict().items()}


def measure(probabilities: NDArray[np.float64], labels: NDArray[np.int64], *, seed: int = 0) -> Measures:
    """Compare probabilities (n x labels) with the true labels (n,)."""
    best = probabilities.argmax(axis=1)
    top = probabilities.max(axis=1)
    chances = np.random.default_rng(seed).random((_DRAWS, len(top)))
    return Measures(
        n=len(labels),
        accuracy=float((best == labels).mean()),
        macro_f1=float(f1_score(labels, best, average="macro", labels=range(probabilities.shape[1]), zero_division=0)),
        log_loss=float(log_loss(labels, probabilities, labels=range(probabilities.shape[1]))),
        ece=calibration_error(top, best == labels),
        ece_expected=float(np.mean([calibration_error(top, draw < top) for draw in chances])),
        mean_level_error=float(np.abs(best - labels).mean()),
    )


def calibration_error(top: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """Return the gap between confidence and accuracy, averaged over bins by their share of the texts."""
    bins = np.minimum((top * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, weights=correct - top, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(top))
