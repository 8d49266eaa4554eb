import numpy as np
import pytest
from numpy.typing import ArrayLike
from sklearn.metrics import log_loss

from sentigrade.evaluation.multilabel.measures import measure_multilabel
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from tests.evaluation.drawing import drawn_multilabel, with_thresholds


def said(
    probabilities: ArrayLike, truth: ArrayLike, thresholds: tuple[float, ...] = (0.5, 0.3)
) -> MultilabelPredictions:
    return MultilabelPredictions(with_thresholds(*thresholds), np.array(probabilities), np.array(truth))


def test_figures_of_a_small_table() -> None:
    probabilities = [[0.9, 0.3], [0.2, 0.6], [0.4, 0.2], [0.8, 0.1], [0.7, 0.4]]
    predictions = said(probabilities, [[1, 0], [0, 1], [0, 1], [1, 0], [0, 1]])
    assert predictions.given.tolist() == [[1, 1], [0, 1], [0, 0], [1, 0], [1, 1]]
    measures = measure_multilabel(predictions)
    assert measures.n == 5
    assert measures.exact_match == 0.4
    assert (measures.micro_precision, measures.micro_recall) == pytest.approx((4 / 6, 4 / 5))
    assert measures.micro_f1 == pytest.approx(8 / 11)
    assert (measures.macro_precision, measures.macro_recall) == pytest.approx((2 / 3, (1 + 2 / 3) / 2))
    assert measures.macro_f1 == pytest.approx((4 / 5 + 4 / 6) / 2)
    assert measures.mean_auc == pytest.approx((1 + 5 / 6) / 2)
    right = [0.9, 0.7, 0.8, 0.6, 0.6, 0.2, 0.8, 0.9, 0.3, 0.4]
    assert measures.log_loss == pytest.approx(-np.log(right).mean())


def test_the_log_loss_is_the_mean_of_that_of_each_label() -> None:
    predictions = drawn_multilabel(300, seed=2)
    columns = zip(predictions.truth.T, np.clip(predictions.probabilities.T, 5e-7, 1 - 5e-7), strict=True)
    expected = np.mean([log_loss(*column) for column in columns])
    assert measure_multilabel(predictions).log_loss == pytest.approx(expected)


def test_a_label_that_was_ruled_out_and_applies_costs_much_but_not_everything() -> None:
    measures = measure_multilabel(said([[0.0, 1.0], [1.0, 0.0]], [[1, 1], [1, 0]]))
    assert measures.log_loss == pytest.approx(-np.log(5e-7) / 4)


def test_a_threshold_is_reached_by_itself_and_one_of_1_never() -> None:
    predictions = said([[0.5, 1.0], [0.49, 1.0]], [[1, 1], [0, 1]], (0.5, 1.0))
    assert predictions.given.tolist() == [[1, 0], [0, 0]]


def test_the_expected_error_is_that_of_perfect_calibration() -> None:
    measures = measure_multilabel(drawn_multilabel(2000, seed=3))
    assert measures.ece == pytest.approx(measures.ece_expected, abs=0.01)
    assert measures.ece_expected > 0.005
    assert measures.ece_excess == measures.ece - measures.ece_expected


def test_labels_that_always_go_together_are_no_error_of_calibration() -> None:
    one = drawn_multilabel(2000, seed=4)
    labels = with_thresholds(0.5, 0.5)
    first = MultilabelPredictions(labels, one.probabilities[:, [0, 1]], one.truth[:, [0, 1]])
    twins = MultilabelPredictions(labels, one.probabilities[:, [0, 0]], one.truth[:, [0, 0]])
    assert abs(measure_multilabel(twins).ece_excess) < 0.01
    assert abs(measure_multilabel(first).ece_excess) < 0.01


def test_probabilities_that_are_too_high_are_an_error_of_calibration() -> None:
    predictions = said(np.full((100, 2), 0.9), np.tile([[1, 0], [0, 1]], (50, 1)))
    assert measure_multilabel(predictions).ece == pytest.approx(0.4)


def test_without_a_label_that_some_texts_have_and_some_not_there_is_no_mean_auc() -> None:
    measures = measure_multilabel(said([[0.9, 0.3], [0.2, 0.6]], [[1, 0], [1, 0]]))
    assert measures.mean_auc is None
    assert measures.macro_recall == 0.25
