"""Figures that say how good answers are."""

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, log_loss

from sentigrade.evaluation.predictions import Predictions

BINS = 15
_DRAWS = 1000
# Digits that mean something.
_DIGITS = 4


class Measures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Figures over n texts.

    ece                  expected calibration error of the top probability, 15 bins of equal width
    ece_expected         what it would be on average for perfect calibration, which is not 0 on few texts
    mean_level_error     mean distance between the level and the true one; ordinal labels only
    """

    n: int
    accuracy: float
    macro_f1: float
    log_loss: float
    ece: float
    ece_expected: float
    mean_level_error: float | None = None

    @property
    def ece_excess(self) -> float:
        """How much worse the calibration is than a perfect one would look on as many texts."""
        return self.ece - self.ece_expected

    def rounded(self) -> dict[str, float]:
        """Return the figures that apply by name, to the digits that mean something."""
        figures = msgspec.structs.asdict(self)
        return {name: round(value, _DIGITS) for name, value in figures.items() if value is not None}


def measure(predictions: Predictions, *, seed: int = 0) -> Measures:
    """Compare what was said with the truth; `seed` draws what perfect calibration would have looked like."""
    labels, truth = predictions.labels, predictions.truth
    best, top = predictions.best, predictions.confidence
    chances = np.random.default_rng(seed).random((_DRAWS, len(top)))
    positions = range(len(labels))
    return Measures(
        n=len(truth),
        accuracy=float(predictions.correct.mean()),
        macro_f1=float(f1_score(truth, best, average="macro", labels=positions, zero_division=0)),
        log_loss=float(log_loss(truth, predictions.probabilities, labels=positions)),
        ece=calibration_error(top, predictions.correct),
        ece_expected=float(np.mean([calibration_error(top, draw < top) for draw in chances])),
        mean_level_error=float(np.abs(best - truth).mean()) if labels.kind == "ordinal" else None,
    )


def calibration_error(top: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """Return the gap between confidence and accuracy, averaged over bins by their share of the texts."""
    gaps = np.bincount(confidence_bins(top), weights=correct - top, minlength=BINS)
    return float(np.abs(gaps).sum() / len(top))


def confidence_bins(top: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin (0 to BINS - 1, of equal width) of each confidence."""
    return np.minimum((top * BINS).astype(np.int64), BINS - 1)
