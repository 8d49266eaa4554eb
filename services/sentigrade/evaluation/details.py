"""The figures behind the headline: by label, by confidence, and how sure the figures themselves are."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from sentigrade.evaluation.bootstrap import Interval, Times, intervals_of
from sentigrade.evaluation.calibration_error import reliability_bins
from sentigrade.evaluation.predictions import Predictions

_DIGITS = 4


class LabelFigures(msgspec.Struct, frozen=True):
    """How one label fared: of the texts that got it, and of the n that should have."""

    precision: float
    recall: float
    f1: float
    n: int


class ConfidenceBin(msgspec.Struct, frozen=True):
    """n texts of nearly the same confidence: the mean of it, and the share that was right."""

    confidence: float
    accuracy: float
    n: int


def by_label(predictions: Predictions) -> dict[str, LabelFigures]:
    """Return the figures of each label by its id."""
    positions = range(len(predictions.labels))
    *shares, counts = precision_recall_fscore_support(
        predictions.truth, predictions.given, labels=positions, average=None, zero_division=0
    )
    rows = zip(*(share.round(_DIGITS).tolist() for share in shares), counts.tolist(), strict=True)
    return dict(zip(predictions.labels.ids, (LabelFigures(*row) for row in rows), strict=True))


def by_confidence(predictions: Predictions) -> list[ConfidenceBin]:
    """Return those bins of the calibration error that hold texts, the least sure first."""
    bins = reliability_bins(predictions.confidence, predictions.correct)
    return [ConfidenceBin(*row) for row in bins]


def intervals(predictions: Predictions, *, seed: int = 0) -> dict[str, Interval]:
    """Return the 95 % intervals of the figures by name, from resampled texts."""
    means = _of_each_text(predictions)
    of_each_text = np.stack(list(means.values()))
    count = len(predictions.labels)
    cells = predictions.truth * count + predictions.given

    def figures(times: Times) -> list[float]:
        confusion = np.bincount(cells, weights=times, minlength=count**2).reshape(count, count)
        return [*(of_each_text @ times / len(times)), _macro_f1(confusion)]

    return dict(zip((*means, "macro_f1"), intervals_of(figures, len(predictions), seed=seed), strict=True))


def _of_each_text(predictions: Predictions) -> dict[str, NDArray[np.float64]]:
    """Return the figures that are means over texts, (n,) each."""
    given, truth = predictions.given, predictions.truth
    chance = np.maximum(predictions.probabilities[np.arange(len(truth)), truth], np.finfo(np.float64).eps)
    figures = {"accuracy": (given == truth).astype(np.float64), "log_loss": -np.log(chance)}
    if predictions.labels.kind == "ordinal":
        figures["mean_level_error"] = np.abs(given - truth).astype(np.float64)
    return figures


def _macro_f1(confusion: NDArray[np.number[Any]]) -> float:
    called_or_is = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float((2 * confusion.diagonal() / np.maximum(called_or_is, 1)).mean())
