import numpy as np
import pytest

from sentigrade.calibration import Calibration, Calibrator, softmax

ZEROS = ((0.0, 0.0), (0.0, 0.0))


def calibration(
    weights: tuple[tuple[float, ...], ...], length_weights: tuple[tuple[float, ...], ...] = ZEROS
) -> Calibration:
    return Calibration(
        method="softmax", weights=weights, length_weights=length_weights, bias=(0.0, 1.0), fitted_on="a test"
    )


def test_probabilities_are_the_softmax_of_weighted_scores() -> None:
    probabilities = Calibrator(calibration(((2.0, 0.0), (0.0, 2.0)))).probabilities(np.array([[1.0, 0.5]]), [7])
    odds = np.exp([2.0, 2.0])
    assert probabilities[0] == pytest.approx(odds / odds.sum())


def test_length_weights_weigh_the_scores_over_the_root_of_the_length() -> None:
    calibrator = Calibrator(calibration(ZEROS, ((2.0, 0.0), (0.0, 2.0))))
    probabilities = calibrator.probabilities(np.array([[4.0, 1.0]] * 3), [16, 1, 0])
    odds = np.exp([2.0, 1.5])
    assert probabilities[0] == pytest.approx(odds / odds.sum())
    assert probabilities[1].tolist() == probabilities[2].tolist()


def test_softmax_survives_huge_scores() -> None:
    assert softmax(np.array([[1e6, -1e6, 0.0]]))[0] == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("weights", [((1.0,), (1.0,)), ((1.0, 0.0),), (), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))])
def test_weights_must_be_square(weights: tuple[tuple[float, ...], ...]) -> None:
    for pair in ((weights, ZEROS), (ZEROS, weights)):
        with pytest.raises(ValueError, match="square"):
            calibration(*pair)


def test_numbers_must_be_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        calibration(((1.0, 0.0), (0.0, np.nan)))
