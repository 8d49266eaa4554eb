import numpy as np
import pytest

from sentigrade.errors import DataError
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.predictions import Predictions, gain, main_figure, predictions_of
from sentigrade.labels import FIVE_LEVELS
from tests.evaluation.drawing import drawn, drawn_multilabel, with_thresholds


def test_the_main_figure_is_the_accuracy_or_of_several_labels_the_mean_auc() -> None:
    one, several = drawn(100, seed=1), drawn_multilabel(100, seed=1)
    assert main_figure(one) == one.correct.mean()
    assert main_figure(several) == several.ranking().mean_auc(np.ones(100, dtype=np.int64))


def test_a_model_gains_nothing_on_itself_and_something_on_a_worse_one() -> None:
    good = drawn(500, seed=6)
    bad = Predictions(FIVE_LEVELS, good.probabilities[::-1].copy(), good.truth)
    assert gain(good, good) == (0, 0)
    low, high = gain(bad, good)
    assert 0 < low < good.correct.mean() - bad.correct.mean() < high


def test_a_multilabel_model_gains_by_ranking_better() -> None:
    good = drawn_multilabel(500, seed=7)
    bad = MultilabelPredictions(good.labels, good.probabilities[::-1].copy(), good.truth)
    assert gain(good, good) == (0, 0)
    low, high = gain(bad, good)
    assert 0 < low < main_figure(good) - main_figure(bad) < high


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_probability_that_is_no_number_is_an_error_and_no_figure(broken: float) -> None:
    one, several = drawn(10, seed=2), drawn_multilabel(10, seed=2)
    for said in (one, several):
        probabilities = said.probabilities.copy()
        probabilities[3:5, 1] = broken
        with pytest.raises(DataError, match="no number as a probability for 2 of 10 texts"):
            predictions_of(said.labels, probabilities, said.truth)


def test_labels_without_an_auc_are_warned_of() -> None:
    labels = with_thresholds(0.5, 0.5, 0.5)
    truth = np.array([[0, 1, 0], [0, 1, 1]])
    assert MultilabelPredictions(labels, np.full((2, 3), 0.5), truth).warnings() == [
        "No text has the label Label 1: there is no AUC of it, and none in the mean; it counts as 0 in macro-F1.",
        "Each text has the label Label 2: there is no AUC of it, and none in the mean.",
    ]
