"""Fits a calibration to scores of texts that the model has not seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from sentigrade.calibration import Calibration, Calibrator, with_length
from sentigrade.data.examples import Examples
from sentigrade.text.cleaning import token_count
from sentigrade.training.cross_validation import grouped_folds, out_of_fold_scores
from sentigrade.training.linear import LinearParameters, TrainingTexts, fit_linear

# Hardly regularised: the calibration has 55 numbers and thousands of texts.
_CALIBRATION_C = 10.0


def fit_calibration(
    scores: NDArray[np.float64], lengths: NDArray[np.int64], labels: NDArray[np.int64], *, fitted_on: str
) -> Calibration:
    """Return the softmax that turns scores (n x labels) of texts of so many tokens into probabilities."""
    regression = LogisticRegression(C=_CALIBRATION_C, max_iter=5000).fit(with_length(scores, lengths), labels)
    weights, bias = regression.coef_.T, regression.intercept_
    if weights.shape[1] == 1:  # two labels: the odds of the second against the first
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    rows = tuple(map(tuple, weights.round(6).tolist()))
    count = scores.shape[1]
    return Calibration(
        method="softmax",
        weights=rows[:count],
        length_weights=rows[count:],
        bias=tuple(bias.round(6).tolist()),
        fitted_on=fitted_on,
    )


def out_of_fold_probabilities(
    scores: NDArray[np.float64], lengths: NDArray[np.int64], whole: Examples, *, seed: int
) -> NDArray[np.float64]:
    """Calibrate each score row by a calibration that has not seen its group; for figures, not for serving."""
    probabilities = np.zeros_like(scores)
    for train, test in grouped_folds(whole.groups, seed=seed):
        calibration = fit_calibration(scores[train], lengths[train], whole.labels[train], fitted_on="folds")
        probabilities[test] = Calibrator(calibration).probabilities(scores[test], lengths[test])
    return probabilities


class CrossValidation(NamedTuple):
    """What models said of n whole texts that they have not seen.

    scores           (n, labels)
    lengths          (n,) numbers of tokens
    probabilities    (n, labels), by calibrations that have not seen the text either
    """

    scores: NDArray[np.float64]
    lengths: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def cross_validate(
    examples: Examples, cleaned: list[str], parameters: LinearParameters, *, seed: int
) -> CrossValidation:
    """Score and calibrate the whole texts among the examples; `cleaned` are all examples' texts, cleaned."""
    scores = out_of_fold_scores(examples, cleaned, parameters, seed=seed)
    lengths = np.array(list(map(token_count, cleaned)))[examples.whole]
    probabilities = out_of_fold_probabilities(scores, lengths, examples.only_whole(), seed=seed)
    return CrossValidation(scores, lengths, probabilities)


class Calibrated(NamedTuple):
    """A pipeline fitted to all examples, the calibration for it, and what both come to on texts they have not seen."""

    pipeline: Pipeline
    calibration: Calibration
    unseen: CrossValidation


def fit_calibrated(examples: Examples, cleaned: list[str], parameters: LinearParameters, *, seed: int) -> Calibrated:
    """Fit the pipeline to all examples and its calibration to the whole ones among them, by cross-validation."""
    unseen = cross_validate(examples, cleaned, parameters, seed=seed)
    truth = examples.only_whole().labels
    calibration = fit_calibration(unseen.scores, unseen.lengths, truth, fitted_on=f"grouped folds of {examples.name}")
    texts = TrainingTexts.of(cleaned, examples.labels, examples.whole)
    return Calibrated(fit_linear(texts, parameters, seed=seed), calibration, unseen)
