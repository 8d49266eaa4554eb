"""Figures that say how good the answers of a multi-label model are."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from sentigrade.evaluation.calibration_error import calibration_error, expected_calibration_error
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.predictions import main_figure

# Fewer than for one label, since there are as many decisions a text as labels.
_DRAWS = 100
# Answers are rounded to six digits: a probability of 0 is one below half of the last digit.
_LEAST_PROBABILITY = 5e-7


class MultilabelMeasures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Figures over n texts, of which each has any number of labels.

    mean_auc        mean area under the ROC curve over the labels that some texts have and some not; None without any
    exact_match     share of the texts of which all labels are right
    micro_*         over all decisions on a label; macro_*: mean over the labels. Both at the labels' thresholds
    log_loss        mean over texts and labels
    ece             mean over the labels of the expected calibration error, 15 bins of equal width
    ece_expected    what it would be on average for perfect calibration, which is not 0 on few texts
    """

    n: int
    mean_auc: float | None = None
    exact_match: float
    micro_precision: float
    micro_recall: float
    micro_f1: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    log_loss: float
    ece: float
    ece_expected: float

    @property
    def ece_excess(self) -> float:
        """How much worse the calibration is than a perfect one would look on as many texts."""
        return self.ece - self.ece_expected


def measure_multilabel(predictions: MultilabelPredictions, *, seed: int = 0) -> MultilabelMeasures:
    """Compare what was said with the truth; `seed` draws what perfect calibration would have looked like."""
    mean_auc = main_figure(predictions)
    ece, ece_expected = _calibration(predictions, np.random.default_rng(seed))
    return MultilabelMeasures(
        n=len(predictions),
        mean_auc=None if math.isnan(mean_auc) else mean_auc,
        exact_match=float(predictions.correct.mean()),
        **_shares(predictions, "micro"),
        **_shares(predictions, "macro"),
        log_loss=float(log_losses(predictions).mean()),
        ece=ece,
        ece_expected=ece_expected,
    )


def log_losses(predictions: MultilabelPredictions) -> NDArray[np.float64]:
    """Return the log loss of each text, (n,): the mean over its labels."""
    probabilities = predictions.probabilities
    chances = np.where(predictions.truth == 1, probabilities, 1 - probabilities)
    losses: NDArray[np.float64] = -np.log(np.maximum(chances, _LEAST_PROBABILITY)).mean(axis=1)
    return losses


def _shares(predictions: MultilabelPredictions, average: str) -> dict[str, float]:
    precision, recall, f1, _ = precision_recall_fscore_support(
        predictions.truth, predictions.given, average=average, zero_division=0
    )
    return {f"{average}_precision": float(precision), f"{average}_recall": float(recall), f"{average}_f1": float(f1)}


def _calibration(predictions: MultilabelPredictions, random: np.random.Generator) -> tuple[float, float]:
    """Return the error and the expected one.

    Each label has its own bins: the mean then does not depend on which labels go together, of which probabilities say
    nothing.
    """
    columns = list(zip(predictions.probabilities.T, predictions.truth.T == 1, strict=True))
    errors = [calibration_error(*column) for column in columns]
    expected = [expected_calibration_error(column, random, draws=_DRAWS) for column, _ in columns]
    return float(np.mean(errors)), float(np.mean(expected))
