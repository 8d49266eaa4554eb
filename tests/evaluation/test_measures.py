import numpy as np
import pytest
from numpy.typing import ArrayLike

from sentigrade.evaluation.measures import measure, rounded
from sentigrade.evaluation.predictions import Predictions
from sentigrade.labels import Label, LabelSet
from tests.evaluation.drawing import drawn

THREE_LEVELS = LabelSet(
    kind="ordinal",
    items=(
        Label(id="bad", name="Bad", polarity=-1),
        Label(id="so", name="So", polarity=0),
        Label(id="ok", name="Ok", polarity=1),
    ),
)
SMALL = [[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.5, 0.2, 0.3], [0.1, 0.1, 0.8]]


def said(labels: LabelSet, probabilities: ArrayLike, truth: ArrayLike) -> Predictions:
    return Predictions(labels, np.array(probabilities), np.array(truth))


def test_figures_of_a_small_table() -> None:
    measures = measure(said(THREE_LEVELS, SMALL, [0, 1, 2, 2]))
    assert measures.n == 4
    assert measures.accuracy == 0.75
    assert measures.mean_level_error == 0.5
    assert measures.macro_f1 == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert measures.log_loss == pytest.approx(-np.log([0.8, 0.6, 0.3, 0.8]).mean())


def test_the_expected_error_is_that_of_perfect_calibration() -> None:
    measures = measure(drawn(2000, seed=0))
    assert measures.ece == pytest.approx(measures.ece_expected, abs=0.01)
    assert measures.ece_expected > 0.005
    assert measures.ece_excess == measures.ece - measures.ece_expected


def test_labels_without_order_have_no_level_error() -> None:
    nominal = LabelSet(kind="nominal", items=tuple(Label(id=f"label_{n}", name=f"Label {n}") for n in range(3)))
    measures = measure(said(nominal, SMALL, [0, 1, 2, 2]))
    assert measures.mean_level_error is None
    assert "mean_level_error" not in rounded(measures)
