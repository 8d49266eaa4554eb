import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax

from sentigrade.calibration import Calibrator
from sentigrade.training.calibrating import fit_calibration
from sentigrade.training.temperature import one_scale, scale_each

CHANCE = np.random.default_rng(5)
SCORES = CHANCE.normal(size=(3000, 3))
LENGTHS = np.full(3000, 9)


def drawn(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.array([CHANCE.choice(3, p=row) for row in probabilities])


def test_one_scale_takes_back_what_scores_say_too_surely() -> None:
    weights, bias = one_scale(SCORES, drawn(softmax(0.5 * SCORES, axis=1)))
    assert weights == pytest.approx(0.5 * np.eye(3), abs=0.1)
    assert bias == pytest.approx(np.zeros(3), abs=0.15)


def test_the_bias_makes_up_for_how_often_a_label_occurs() -> None:
    _, bias = one_scale(SCORES, drawn(softmax(SCORES + np.array([1, 0, -1]), axis=1)))
    assert bias[0] > 0.3
    assert bias[2] < -0.3


def test_of_several_labels_each_has_a_scale_of_its_own() -> None:
    true = expit(SCORES * [0.5, 1, 2])
    weights, _ = scale_each(SCORES, (CHANCE.random(SCORES.shape) < true).astype(np.int64))
    assert weights == pytest.approx(np.diag([0.5, 1, 2]), abs=0.25)


def test_with_few_texts_a_calibration_is_nothing_but_a_scale_and_a_bias() -> None:
    labels = drawn(softmax(SCORES, axis=1))
    calibration = fit_calibration(SCORES[:100], LENGTHS[:100], labels[:100], fitted_on="a test", few=True)
    assert np.count_nonzero(calibration.weights) == 3
    assert not np.any(calibration.length_weights)
    probabilities = Calibrator(calibration).probabilities(SCORES, LENGTHS)
    assert np.abs(probabilities - softmax(SCORES, axis=1)).mean() < 0.05


def test_with_few_texts_it_is_nearer_to_the_truth_than_with_all_the_numbers_of_a_large_calibration() -> None:
    labels = drawn(softmax(SCORES, axis=1))
    true = softmax(SCORES, axis=1)
    off = {}
    for few in (True, False):
        calibration = fit_calibration(SCORES[:60], LENGTHS[:60], labels[:60], fitted_on="a test", few=few)
        off[few] = np.abs(Calibrator(calibration).probabilities(SCORES, LENGTHS) - true).mean()
    assert off[True] < off[False]
