"""Figures that say how good answers are."""

import msgspec
import numpy as np
from sklearn.metrics import f1_score, log_loss

from sentigrade.evaluation.calibration_error import calibration_error, expected_calibration_error
from sentigrade.evaluation.predictions import Predictions

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


def rounded(figures: msgspec.Struct) -> dict[str, float]:
    """Return the figures that apply by name, to the digits that mean something."""
    return {name: round(value, _DIGITS) for name, value in msgspec.structs.asdict(figures).items() if value is not None}


def measure(predictions: Predictions, *, seed: int = 0) -> Measures:
    """Compare what was said with the truth; `seed` draws what perfect calibration would have looked like."""
    labels, truth = predictions.labels, predictions.truth
    given, top = predictions.given, predictions.confidence
    positions = range(len(labels))
    return Measures(
        n=len(truth),
        accuracy=float(predictions.correct.mean()),
        macro_f1=float(f1_score(truth, given, average="macro", labels=positions, zero_division=0)),
        log_loss=float(log_loss(truth, predictions.probabilities, labels=positions)),
        ece=calibration_error(top, predictions.correct),
        ece_expected=expected_calibration_error(top, np.random.default_rng(seed), draws=_DRAWS),
        mean_level_error=float(np.abs(given - truth).mean()) if labels.kind == "ordinal" else None,
    )
