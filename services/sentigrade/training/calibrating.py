"""Fits a calibration to scores of texts that the model has not seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from sentigrade.calibration import Calibration, Calibrator, with_length
from sentigrade.data.examples import Examples
from sentigrade.labels import LabelSet
from sentigrade.text.cleaning import token_count
from sentigrade.training.cross_validation import grouped_folds, out_of_fold_scores, training_texts
from sentigrade.training.learning import Fitted, Parameters

# Hardly regularised: the calibration has 55 numbers and thousands of texts.
_CALIBRATION_C = 10.0


def fit_calibration(
    scores: NDArray[np.float64], lengths: NDArray[np.int64], labels: NDArray[np.int64], *, fitted_on: str
) -> Calibration:
    """Return what turns scores (n x labels) of texts of so many tokens into probabilities.

    Of labels (n,) it is a softmax; of labels (n, labels), of which any number applies, a sigmoid for each, which leans
    on the scores of the others too: an insult is seldom alone.
    """
    weights, bias = (_alternatives if labels.ndim == 1 else _any_number)(with_length(scores, lengths), labels)
    rows = tuple(map(tuple, weights.round(6).tolist()))
    count = scores.shape[1]
    return Calibration(
        method="softmax" if labels.ndim == 1 else "sigmoid",
        weights=rows[:count],
        length_weights=rows[count:],
        bias=tuple(bias.round(6).tolist()),
        fitted_on=fitted_on,
    )


_Affine = tuple[NDArray[np.float64], NDArray[np.float64]]


def _alternatives(features: NDArray[np.float64], labels: NDArray[np.int64]) -> _Affine:
    """Return weights (features, labels) and a bias (labels,)."""
    regression = LogisticRegression(C=_CALIBRATION_C, max_iter=5000).fit(features, labels)
    weights, bias = regression.coef_.T, regression.intercept_
    if weights.shape[1] == 1:  # two labels: the odds of the second against the first
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    return weights, bias


def _any_number(features: NDArray[np.float64], labels: NDArray[np.int64]) -> _Affine:
    fits = [LogisticRegression(C=_CALIBRATION_C, max_iter=5000).fit(features, applies) for applies in labels.T]
    return np.column_stack([fit.coef_[0] for fit in fits]), np.concatenate([fit.intercept_ for fit in fits])


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
    labels: LabelSet, examples: Examples, cleaned: list[str], parameters: Parameters, *, seed: int
) -> CrossValidation:
    """Score and calibrate the whole texts among the examples; `cleaned` are all examples' texts, cleaned."""
    scores = out_of_fold_scores(labels, examples, cleaned, parameters, seed=seed)
    lengths = np.array(list(map(token_count, cleaned)))[examples.whole]
    probabilities = out_of_fold_probabilities(scores, lengths, examples.only_whole(), seed=seed)
    return CrossValidation(scores, lengths, probabilities)


class Calibrated(NamedTuple):
    """What was fitted to all examples, the calibration for it, and what both come to on texts they have not seen."""

    parameters: Parameters
    fitted: Fitted
    calibration: Calibration
    unseen: CrossValidation


def fit_calibrated(
    labels: LabelSet, examples: Examples, cleaned: list[str], parameters: Parameters, *, seed: int
) -> Calibrated:
    """Fit to all examples, and the calibration to the whole ones among them, by cross-validation."""
    texts = training_texts(labels, examples, cleaned, np.arange(len(examples)))
    parameters = parameters.chosen(texts, seed)
    unseen = cross_validate(labels, examples, cleaned, parameters, seed=seed)
    truth = examples.only_whole().labels
    calibration = fit_calibration(unseen.scores, unseen.lengths, truth, fitted_on=f"grouped folds of {examples.name}")
    return Calibrated(parameters, parameters.fit(texts, seed=seed), calibration, unseen)
