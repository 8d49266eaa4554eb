import numpy as np
import pytest

from sentigrade.calibration import Calibrator
from sentigrade.data.examples import Examples
from sentigrade.labels import FIVE_LEVELS
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.calibrating import fit_calibration, out_of_fold_probabilities
from sentigrade.training.cross_validation import out_of_fold_scores
from sentigrade.training.linear import LinearParameters


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
