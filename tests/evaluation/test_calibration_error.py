import numpy as np
import pytest

from sentigrade.evaluation.calibration_error import calibration_error, expected_calibration_error, reliability_bins


def test_confidence_without_accuracy_is_calibration_error() -> None:
    assert calibration_error(np.full(10, 0.9), np.zeros(10, dtype=bool)) == pytest.approx(0.9)
    assert calibration_error(np.full(10, 0.9), np.arange(10) > 0) == pytest.approx(0)


def test_the_expected_error_is_what_chance_makes_of_one_coin() -> None:
    # A fair coin shows 0 or 1, half away from its probability either way.
    assert expected_calibration_error(np.array([0.5]), np.random.default_rng(0), draws=10) == 0.5


def test_bins_give_what_was_said_and_what_happened() -> None:
    said, happened = np.array([0.02, 0.04, 0.98, 1.0]), np.array([False, True, True, True])
    assert reliability_bins(said, happened) == [(0.03, 0.5, 2), (0.99, 1.0, 2)]
