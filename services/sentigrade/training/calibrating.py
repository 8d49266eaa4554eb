"""Fits a calibration to scores of texts that the model has not seen."""

from itertools import compress
from typing import NamedTuple, Self

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from sentigrade.calibration import Calibration, Calibrator, with_length
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet
from sentigrade.text.cleaning import token_count
from sentigrade.training.cross_validation import grouped_folds, out_of_fold_scores, require_finite, training_texts
from sentigrade.training.holding_back import hold_back
from sentigrade.training.learning import Fitted, Parameters
from sentigrade.training.temperature import Affine, one_scale, scale_each

# Hardly regularised: the calibration has 55 numbers and thousands of texts.
_CALIBRATION_C = 10.0
# Texts of each label in a tenth that is held back: with fewer some fold of it would hardly have any.
_LEAST_HELD_BACK = 10

_FOLDS = "grouped cross-validation"
_A_TENTH = "a held-back tenth"


def fit_calibration(
    scores: NDArray[np.float64],
    lengths: NDArray[np.int64],
    labels: NDArray[np.int64],
    *,
    fitted_on: str,
    few: bool = False,
) -> Calibration:
    """Return what turns scores (n x labels) of texts of so many tokens into probabilities.

    Of labels (n,) it is a softmax; of labels (n, labels), of which any number applies, a sigmoid for each, which leans
    on the scores of the others too: an insult is seldom alone. Of `few` texts no more is asked than the scores' scale
    and a bias.
    """
    count = scores.shape[1]
    if few:
        scale, bias = (one_scale if labels.ndim == 1 else scale_each)(scores, labels)
        weights = np.vstack([scale, np.zeros_like(scale)])
    else:
        weights, bias = (_alternatives if labels.ndim == 1 else _any_number)(with_length(scores, lengths), labels)
    rows = tuple(map(tuple, weights.round(6).tolist()))
    return Calibration(
        method="softmax" if labels.ndim == 1 else "sigmoid",
        weights=rows[:count],
        length_weights=rows[count:],
        bias=tuple(bias.round(6).tolist()),
        fitted_on=fitted_on,
    )


def _alternatives(features: NDArray[np.float64], labels: NDArray[np.int64]) -> Affine:
    """Return weights (features, labels) and a bias (labels,)."""
    regression = LogisticRegression(C=_CALIBRATION_C, max_iter=5000).fit(features, labels)
    weights, bias = regression.coef_.T, regression.intercept_
    if weights.shape[1] == 1:  # two labels: the odds of the second against the first
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    return weights, bias


def _any_number(features: NDArray[np.float64], labels: NDArray[np.int64]) -> Affine:
    fits = [LogisticRegression(C=_CALIBRATION_C, max_iter=5000).fit(features, applies) for applies in labels.T]
    return np.column_stack([fit.coef_[0] for fit in fits]), np.concatenate([fit.intercept_ for fit in fits])


def rescaled(
    calibration: Calibration, scores: NDArray[np.float64], lengths: NDArray[np.int64], labels: NDArray[np.int64]
) -> Calibration:
    """Correct the scale and the bias of a softmax calibration by what it says of texts with these labels (n,)."""
    weights = np.vstack([calibration.weights, calibration.length_weights])
    scale, bias = one_scale(with_length(scores, lengths) @ weights + calibration.bias, labels)
    rows = tuple(map(tuple, (weights @ scale).round(6).tolist()))
    count = len(bias)
    return replace(
        calibration,
        weights=rows[:count],
        length_weights=rows[count:],
        bias=tuple((scale @ calibration.bias + bias).round(6).tolist()),
        fitted_on=f"{calibration.fitted_on}, its scale on {_A_TENTH}",
    )


def out_of_fold_probabilities(
    scores: NDArray[np.float64], lengths: NDArray[np.int64], whole: Examples, *, seed: int, few: bool = False
) -> NDArray[np.float64]:
    """Calibrate each score row by a calibration that has not seen its group; for figures, not for serving."""
    probabilities = np.zeros_like(scores)
    for train, test in grouped_folds(whole.groups, seed=seed):
        calibration = fit_calibration(scores[train], lengths[train], whole.labels[train], fitted_on="folds", few=few)
        probabilities[test] = Calibrator(calibration).probabilities(scores[test], lengths[test])
    return probabilities


class Unseen(NamedTuple):
    """What models said of n whole texts that they have not seen.

    how              which texts these are, as figures are called
    truth            (n,) or (n, labels), as in Examples
    scores           (n, labels)
    lengths          (n,) numbers of tokens
    probabilities    (n, labels), by calibrations that have not seen the text either
    """

    how: str
    truth: NDArray[np.int64]
    scores: NDArray[np.float64]
    lengths: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    @classmethod
    def of(cls, how: str, whole: Examples, cleaned: list[str], scores: NDArray[np.float64], *, seed: int) -> Self:
        """Take the scores of whole texts."""
        lengths = np.array(list(map(token_count, cleaned)))
        probabilities = out_of_fold_probabilities(scores, lengths, whole, seed=seed, few=how == _A_TENTH)
        return cls(how, whole.labels, scores, lengths, probabilities)


class Calibrated(NamedTuple):
    """What was fitted to examples, the calibration for it, and what both come to on texts they have not seen."""

    parameters: Parameters
    fitted: Fitted
    calibration: Calibration
    unseen: Unseen


def fit_calibrated(
    labels: LabelSet, examples: Examples, cleaned: list[str], parameters: Parameters, *, seed: int
) -> Calibrated:
    """Fit to the examples, and a calibration to what is said of whole ones among them that were not learned from."""
    texts = training_texts(labels, examples, cleaned, np.arange(len(examples)))
    parameters = parameters.chosen(texts, seed)
    if parameters.unseen != "a tenth":
        unseen = cross_validate(labels, examples, cleaned, parameters, seed=seed)
        fitted, source = parameters.fit(texts, seed=seed), f"grouped folds of {examples.name}"
    else:
        fitted, unseen = _fit_but_a_tenth(labels, examples, cleaned, parameters, seed=seed)
        source = f"{unseen.how} of {examples.name}"
    calibration = fit_calibration(
        unseen.scores, unseen.lengths, unseen.truth, fitted_on=source, few=unseen.how == _A_TENTH
    )
    if parameters.unseen == "folds, then a tenth":
        unseen = _part_that_nobody_saw(unseen, examples, calibration, seed=seed)
        calibration = rescaled(calibration, unseen.scores, unseen.lengths, unseen.truth)
    return Calibrated(parameters, fitted, calibration, unseen)


def cross_validate(
    labels: LabelSet, examples: Examples, cleaned: list[str], parameters: Parameters, *, seed: int
) -> Unseen:
    """Score and calibrate the whole texts among the examples; `cleaned` are all examples' texts, cleaned."""
    scores = out_of_fold_scores(labels, examples, cleaned, parameters, seed=seed)
    asked = list(compress(cleaned, examples.whole))
    return Unseen.of(_FOLDS, examples.only_whole(), asked, scores, seed=seed)


def _fit_but_a_tenth(
    labels: LabelSet, examples: Examples, cleaned: list[str], parameters: Parameters, *, seed: int
) -> tuple[Fitted, Unseen]:
    learned, held_back = hold_back(examples.groups, seed=seed)
    asked = held_back[examples.whole[held_back]]
    _require_enough(labels, examples.pick(asked))
    fitted = parameters.fit(training_texts(labels, examples, cleaned, learned), seed=seed)
    texts = [cleaned[position] for position in asked]
    scores = fitted.score(texts)
    require_finite(scores)
    return fitted, Unseen.of(_A_TENTH, examples.pick(asked), texts, scores, seed=seed)


def _part_that_nobody_saw(unseen: Unseen, examples: Examples, calibration: Calibration, *, seed: int) -> Unseen:
    """Return what is said of the tenth that a teacher has not seen either, each text rescaled without its group."""
    _, held_back = hold_back(examples.groups, seed=seed)
    positions = np.flatnonzero(examples.whole)
    asked = np.isin(positions, held_back)
    scores, lengths, truth = unseen.scores[asked], unseen.lengths[asked], unseen.truth[asked]
    probabilities = np.zeros_like(scores)
    for train, test in grouped_folds(examples.groups[positions[asked]], seed=seed):
        corrected = Calibrator(rescaled(calibration, scores[train], lengths[train], truth[train]))
        probabilities[test] = corrected.probabilities(scores[test], lengths[test])
    return Unseen(_A_TENTH, truth, scores, lengths, probabilities)


def _require_enough(labels: LabelSet, held_back: Examples) -> None:
    """Raise DataError for a label of which the texts held back say too little."""
    counts = held_back.different_texts(len(labels))
    rarest = int(counts.argmin())
    if counts[rarest] < _LEAST_HELD_BACK:
        raise DataError(
            f"{held_back.name}: a tenth of it is held back for the calibration, with {counts[rarest]} texts of "
            f'{labels.names[rarest]!r}; {_LEAST_HELD_BACK} are needed: add some, or write unseen = "folds"'
        )
