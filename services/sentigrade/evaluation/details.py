"""The figures behind the headline: by label, by confidence, and how sure the figures themselves are."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from sentigrade.evaluation.measures import BINS, confidence_bins
from sentigrade.evaluation.predictions import Predictions

_RESAMPLES = 1000
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


class Interval(NamedTuple):
    """Where a figure lies in 95 of 100 samples of as many texts."""

    low: float
    high: float


def by_label(predictions: Predictions) -> dict[str, LabelFigures]:
    """Return the figures of each label by its id."""
    positions = range(len(predictions.labels))
    *shares, counts = precision_recall_fscore_support(
        predictions.truth, predictions.best, labels=positions, average=None, zero_division=0
    )
    rows = zip(*(share.round(_DIGITS).tolist() for share in shares), counts.tolist(), strict=True)
    return dict(zip(predictions.labels.ids, (LabelFigures(*row) for row in rows), strict=True))


def by_confidence(predictions: Predictions) -> list[ConfidenceBin]:
    """Return those bins of the calibration error that hold texts, the least sure first."""
    bins = confidence_bins(predictions.confidence)
    counts = np.bincount(bins, minlength=BINS)
    filled = counts > 0
    confidence, accuracy = (
        (np.bincount(bins, weights=values, minlength=BINS)[filled] / counts[filled]).round(_DIGITS).tolist()
        for values in (predictions.confidence, predictions.correct)
    )
    rows = zip(confidence, accuracy, counts[filled].tolist(), strict=True)
    return [ConfidenceBin(*row) for row in rows]


def intervals(predictions: Predictions, *, seed: int = 0) -> dict[str, Interval]:
    """Return the 95 % intervals of the figures by name: percentiles over resampled texts (the bootstrap).

    Source: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    means = _of_each_text(predictions)
    of_each_text = np.stack(list(means.values()))
    count = len(predictions.labels)
    cells = predictions.truth * count + predictions.best

    def figures(times: NDArray[np.int64]) -> list[float]:
        confusion = np.bincount(cells, weights=times, minlength=count**2).reshape(count, count)
        return [*(of_each_text @ times / len(times)), _macro_f1(confusion)]

    return dict(zip((*means, "macro_f1"), _intervals_of(figures, len(predictions), seed), strict=True))


def accuracy_gain(first: Predictions, second: Predictions, *, seed: int = 0) -> Interval:
    """Return the 95 % interval of how much more accurate `second` is than `first`, on the same texts."""
    gains = second.correct.astype(np.float64) - first.correct
    return _intervals_of(lambda times: [float(gains @ times) / len(times)], len(gains), seed)[0]


def _of_each_text(predictions: Predictions) -> dict[str, NDArray[np.float64]]:
    """Return the figures that are means over texts, (n,) each."""
    best, truth = predictions.best, predictions.truth
    chance = np.maximum(predictions.probabilities[np.arange(len(truth)), truth], np.finfo(np.float64).eps)
    figures = {"accuracy": (best == truth).astype(np.float64), "log_loss": -np.log(chance)}
    if predictions.labels.kind == "ordinal":
        figures["mean_level_error"] = np.abs(best - truth).astype(np.float64)
    return figures


def _macro_f1(confusion: NDArray[np.number[Any]]) -> float:
    called_or_is = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float((2 * confusion.diagonal() / np.maximum(called_or_is, 1)).mean())


def _intervals_of(figures: Callable[[NDArray[np.int64]], list[float]], count: int, seed: int) -> list[Interval]:
    """Ask for the figures of samples in which each text stands as many times as it was drawn."""
    random = np.random.default_rng(seed)
    samples = (np.bincount(random.integers(count, size=count), minlength=count) for _ in range(_RESAMPLES))
    low, high = np.percentile([figures(times) for times in samples], (2.5, 97.5), axis=0).round(_DIGITS).tolist()
    return list(map(Interval, low, high))
