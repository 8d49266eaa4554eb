import numpy as np
import pytest

from sentigrade.calibration import Calibration, Calibrator, softmax


def test_probabilities_are_the_softmax_of_weighted_scores() -> None:
    calibration = Calibration(method="softmax", weights=((2.0, 0.0), (0.0, 2.0)), bias=(0.0, 1.0), fitted_on="a test")
    probabilities = Calibrator(calibration).probabilities(np.array([[1.0, 0.5]]))
    odds = np.exp([2.0, 2.0])
    assert probabilities[0] == pytest.approx(odds / odds.sum())


def test_softmax_survives_huge_scores() -> None:
    assert softmax(np.array([[1e6, -1e6, 0.0]]))[0] == pytest.approx([1, 0, 0])


def test_weights_must_be_square() -> None:
    with pytest.raises(ValueError, match="square"):
        Calibration(method="softmax", weights=((1.0,), (1.0,)), bias=(0.0, 0.0), fitted_on="a test")


def test_numbers_must_be_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        Calibration(method="softmax", weights=((1.0, 0.0), (0.0, np.nan)), bias=(0.0, 0.0), fitted_on="a test")
