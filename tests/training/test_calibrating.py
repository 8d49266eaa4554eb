from typing import ClassVar

import numpy as np
import pytest

from sentigrade.calibration import Calibrator, softmax
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, make_labels
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.calibrating import fit_calibrated, fit_calibration, out_of_fold_probabilities, rescaled
from sentigrade.training.cross_validation import out_of_fold_scores
from sentigrade.training.holding_back import hold_back
from sentigrade.training.learning import Unseen
from sentigrade.training.linear import LinearParameters

TWO = make_labels(["bad", "good"], ordered=False)


class ByATenth(LinearParameters, frozen=True, kw_only=True):
    """As those of families that take too long to be fitted six times."""

    unseen: ClassVar[Unseen] = "a tenth"


class WithATeacher(LinearParameters, frozen=True, kw_only=True):
    """As those of a student, whose teacher has left out the same tenth."""

    unseen: ClassVar[Unseen] = "folds, then a tenth"


@pytest.mark.parametrize("count", [2, 5])
def test_a_calibration_learns_honest_probabilities(count: int) -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=(4000, count))
    lengths = random.integers(1, 40, size=4000)
    odds = np.exp(2 * scores / np.sqrt(lengths)[:, None])
    labels = np.array([random.choice(count, p=row / row.sum()) for row in odds])
    calibrator = Calibrator(fit_calibration(scores, lengths, labels, fitted_on="a test"))
    probabilities = calibrator.probabilities(scores, lengths)
    assert np.abs(probabilities - odds / odds.sum(axis=1, keepdims=True)).mean() < 0.02


def test_a_calibration_of_several_labels_leans_on_the_scores_of_the_others() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=(4000, 2))
    lengths = random.integers(1, 40, size=4000)
    true = 1 / (1 + np.exp(-np.column_stack([scores[:, 0] + scores[:, 1], 2 * scores[:, 1] - 1])))
    labels = (random.random((4000, 2)) < true).astype(np.int64)
    calibration = fit_calibration(scores, lengths, labels, fitted_on="a test")
    assert calibration.method == "sigmoid"
    assert np.abs(Calibrator(calibration).probabilities(scores, lengths) - true).mean() < 0.03


def test_probabilities_for_figures_are_cross_fitted(examples: Examples) -> None:
    cleaned = Cleaner(CleaningProfile()).clean(examples.texts)
    lengths = np.array(list(map(token_count, cleaned)))
    scores = out_of_fold_scores(FIVE_LEVELS, examples, cleaned, LinearParameters(), seed=1)
    probabilities = out_of_fold_probabilities(scores, lengths, examples, seed=1)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(examples)))
    assert (probabilities.argmax(axis=1) == examples.labels).mean() > 0.9


def of_own_words(count: int) -> Examples:
    """Texts with a word each of their own, so that what was not learned from can only score the intercept."""
    return Examples.of_whole_texts("rows", [f"word{number}" for number in range(count)], [n % 2 for n in range(count)])


def test_a_calibration_comes_from_folds_or_from_a_tenth_that_was_not_learned_from() -> None:
    rows = of_own_words(400)
    folds = fit_calibrated(TWO, rows, rows.texts, LinearParameters(), seed=1)
    tenth = fit_calibrated(TWO, rows, rows.texts, ByATenth(), seed=1)
    assert (folds.unseen.how, len(folds.unseen.scores)) == ("grouped cross-validation", 400)
    assert (tenth.unseen.how, len(tenth.unseen.scores)) == ("a held-back tenth", 40)
    assert folds.calibration.fitted_on == "grouped folds of rows"
    assert tenth.calibration.fitted_on == "a held-back tenth of rows"
    scored = {fit.unseen.how: np.abs(fit.fitted.score(rows.texts)).max(axis=1) > 0.2 for fit in (folds, tenth)}
    assert {how: learned.sum() for how, learned in scored.items()} == {folds.unseen.how: 400, tenth.unseen.how: 360}
    assert np.abs(tenth.unseen.scores).max() < 0.2
    assert rows.labels[~scored[tenth.unseen.how]].tolist() == tenth.unseen.truth.tolist()


def test_phrases_are_held_back_with_their_text_but_not_asked_about() -> None:
    rows = of_own_words(400)
    phrased = Examples("rows", rows.texts, rows.labels, np.arange(400) // 2, np.arange(400) % 2 == 0)
    with pytest.raises(DataError, match="with 0 texts of 'good'"):
        fit_calibrated(TWO, phrased, phrased.texts, ByATenth(), seed=1)


def test_too_few_texts_in_the_tenth_are_an_error_that_says_what_helps() -> None:
    rows = of_own_words(150)
    with pytest.raises(DataError, match='10 are needed: add some, or write unseen = "folds"'):
        fit_calibrated(TWO, rows, rows.texts, ByATenth(), seed=1)


def test_a_calibration_that_is_too_sure_gets_its_scale_and_bias_from_other_texts() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=(3000, 3))
    lengths = random.integers(1, 40, size=3000)
    true = softmax(scores)
    labels = np.array([random.choice(3, p=row) for row in true])
    flattered = fit_calibration(scores, lengths, softmax(3 * scores).argmax(axis=1), fitted_on="a test")
    corrected = rescaled(flattered, scores, lengths, labels)
    assert np.abs(Calibrator(flattered).probabilities(scores, lengths) - true).mean() > 0.1
    assert np.abs(Calibrator(corrected).probabilities(scores, lengths) - true).mean() < 0.03
    assert corrected.fitted_on == "a test, its scale on a held-back tenth"


def test_of_a_student_only_what_its_teacher_has_not_seen_is_shown(examples: Examples) -> None:
    cleaned = Cleaner(CleaningProfile()).clean(examples.texts)
    fit = fit_calibrated(FIVE_LEVELS, examples, cleaned, WithATeacher(), seed=1)
    _, held_back = hold_back(examples.groups, seed=1)
    assert fit.unseen.how == "a held-back tenth"
    assert fit.unseen.truth.tolist() == examples.labels[held_back[examples.whole[held_back]]].tolist()
    assert fit.unseen.probabilities.sum(axis=1) == pytest.approx(np.ones(len(fit.unseen.truth)))
    assert fit.calibration.fitted_on.endswith("its scale on a held-back tenth")
