import numpy as np
import pytest
from numpy.typing import ArrayLike
from sklearn.metrics import roc_auc_score

from sentigrade.evaluation.multilabel.ranking import Ranking
from tests.evaluation.drawing import drawn_multilabel


def aucs(probabilities: ArrayLike, truth: ArrayLike, times: ArrayLike = (1, 1, 1, 1)) -> list[float]:
    return list(Ranking(np.array(probabilities), np.array(truth)).aucs(np.array(times)))


def test_the_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    # Of the four pairs of a text with the label and one without, (0.35, 0.4) alone is in the wrong order.
    assert aucs([[0.1], [0.4], [0.35], [0.8]], [[0], [0], [1], [1]]) == [0.75]


def test_a_tie_is_half_in_the_right_order() -> None:
    assert aucs([[0.5], [0.5], [0.5], [0.1]], [[0], [1], [1], [0]]) == [0.75]


def test_a_text_that_stands_twice_in_a_sample_counts_twice() -> None:
    assert aucs([[0.1], [0.4], [0.35], [0.8]], [[0], [0], [1], [1]], (1, 2, 1, 0)) == [pytest.approx(1 / 3)]


def test_the_auc_of_any_sample_is_that_of_scikit_learn() -> None:
    said = drawn_multilabel(300, seed=1)
    random = np.random.default_rng(1)
    for _ in range(5):
        times = np.bincount(random.integers(300, size=300), minlength=300)
        expected = roc_auc_score(said.truth, said.probabilities, average=None, sample_weight=times)
        assert said.ranking().aucs(times) == pytest.approx(expected)
        assert said.ranking().mean_auc(times) == pytest.approx(expected.mean())


def test_a_label_that_no_text_or_each_has_no_auc_and_is_left_out_of_the_mean() -> None:
    ranking = Ranking(np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), np.array([[0, 1, 0], [0, 1, 1]]))
    once = np.ones(2, dtype=np.int64)
    assert np.isnan(ranking.aucs(once)).tolist() == [True, True, False]
    assert ranking.mean_auc(once) == 1
    assert np.isnan(ranking.mean_auc(np.array([2, 0])))
