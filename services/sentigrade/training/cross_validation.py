"""Grouped cross-validation: no text is scored by a model that has seen any phrase of its group."""

from collections.abc import Iterator

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from sentigrade.calibration import Calibration, Calibrator
from sentigrade.errors import TrainingDataError
from sentigrade.training.examples import Examples
from sentigrade.training.linear import LinearParameters, decision_scores, fit_linear

FOLDS = 5
# Hardly regularised: the calibration has 30 numbers and thousands of texts.
_CALIBRATION_C = 3.0


def out_of_fold_scores(
    examples: Examples, cleaned: list[str], parameters: LinearParameters, *, seed: int
) -> NDArray[np.float64]:
    """Return scores (whole texts x labels) of each whole text by a model that has not seen its group.

    Raises TrainingDataError when there are too few groups for the folds.
    """
    folds = list(grouped_folds(examples.groups, seed=seed))
    asked = [test[examples.whole[test]] for _, test in folds]
    jobs = (
        delayed(_fit_and_score)(_pick(cleaned, train), examples.labels[train], _pick(cleaned, test), parameters, seed)
        for (train, _), test in zip(folds, asked, strict=True)
    )
    results = Parallel(n_jobs=-1, return_as="generator")(jobs)
    scores = np.zeros((len(examples), int(examples.labels.max()) + 1))
    for test, fold_scores in zip(asked, tqdm(results, "cross-validation", total=FOLDS, unit="fold"), strict=True):
        scores[test] = fold_scores
    return scores[examples.whole]


def grouped_folds(groups: NDArray[np.int64], *, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (train, test) positions of five folds that part no group."""
    if len(np.unique(groups)) < FOLDS:
        raise TrainingDataError(f"{FOLDS} different texts are the least that can be cross-validated")
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    yield from splitter.split(groups, groups=groups)


def distinct(cleaned: list[str], labels: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """Return each cleaned text once a label: a phrase that stands in many sentences counts no more for it."""
    pairs = list(dict.fromkeys(zip(cleaned, labels.tolist(), strict=True)))
    return [text for text, _ in pairs], np.array([label for _, label in pairs], dtype=np.int64)


def _fit_and_score(
    cleaned: list[str], labels: NDArray[np.int64], asked: list[str], parameters: LinearParameters, seed: int
) -> NDArray[np.float64]:
    pipeline = fit_linear(*distinct(cleaned, labels), parameters, seed=seed)
    return decision_scores(pipeline, asked)


def _pick(texts: list[str], positions: NDArray[np.int64]) -> list[str]:
    return [texts[position] for position in positions]


def fit_calibration(scores: NDArray[np.float64], labels: NDArray[np.int64], *, fitted_on: str) -> Calibration:
    """Return the softmax that turns scores (n x labels) into probabilities, fitted to the true labels (n,)."""
    regression = LogisticRegression(C=_CALIBRATION_C, max_iter=5000).fit(scores, labels)
    weights, bias = regression.coef_.T, regression.intercept_
    if weights.shape[1] == 1:  # two labels: the odds of the second against the first
        weights, bias = np.column_stack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    return Calibration(
        method="softmax",
        weights=tuple(map(tuple, weights.round(6).tolist())),
        bias=tuple(bias.round(6).tolist()),
        fitted_on=fitted_on,
    )


def out_of_fold_probabilities(
    scores: NDArray[np.float64], labels: NDArray[np.int64], groups: NDArray[np.int64], *, seed: int
) -> NDArray[np.float64]:
    """Calibrate each score row by a calibration that has not seen its group; for figures, not for serving."""
    probabilities = np.zeros_like(scores)
    for train, test in grouped_folds(groups, seed=seed):
        calibration = fit_calibration(scores[train], labels[train], fitted_on="folds")
        probabilities[test] = Calibrator(calibration).probabilities(scores[test])
    return probabilities
