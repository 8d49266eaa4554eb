import numpy as np
import pytest
from msgspec.structs import asdict
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from sentigrade.evaluation.multilabel.details import by_label, by_probability, intervals
from sentigrade.evaluation.multilabel.measures import measure_multilabel
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from tests.evaluation.drawing import drawn_multilabel, with_thresholds


def test_figures_by_label_are_those_of_scikit_learn() -> None:
    said = drawn_multilabel(300, seed=1)
    aucs = roc_auc_score(said.truth, said.probabilities, average=None)
    columns = np.array([aucs, *precision_recall_fscore_support(said.truth, said.given, zero_division=0)])
    found = by_label(said)
    assert tuple(found) == ("label_1", "label_2", "label_3")
    assert [row.threshold for row in found.values()] == [0.5, 0.4, 0.2]
    for row, expected in zip(found.values(), columns.T, strict=True):
        assert (row.auc, row.precision, row.recall, row.f1, row.n) == pytest.approx(tuple(expected), abs=1e-4)


def test_a_label_that_no_text_has_has_no_auc() -> None:
    said = drawn_multilabel(50, seed=2)
    lost = MultilabelPredictions(said.labels, said.probabilities, said.truth * np.array([1, 0, 1]))
    row = by_label(lost)["label_2"]
    assert (row.auc, row.precision, row.recall, row.f1, row.n) == (None, 0, 0, 0, 0)


def test_the_bins_hold_every_decision() -> None:
    said = drawn_multilabel(300, seed=3)
    bins = by_probability(said)
    assert sum(row.n for row in bins) == 900
    assert sum(row.n * row.probability for row in bins) == pytest.approx(said.probabilities.sum(), abs=0.1)
    assert sum(row.n * row.applies for row in bins) == pytest.approx(said.truth.sum(), abs=0.1)


def test_an_interval_holds_the_figure_of_its_sample() -> None:
    said = drawn_multilabel(300, seed=4)
    figures = asdict(measure_multilabel(said))
    found = intervals(said)
    assert set(found) == {"mean_auc", "exact_match", "micro_f1", "macro_f1", "log_loss"}
    for name, (low, high) in found.items():
        assert low < figures[name] < high


def test_samples_that_miss_a_rare_label_are_taken_as_they_are() -> None:
    said = drawn_multilabel(40, seed=5)
    once = np.zeros((40, 3), dtype=np.int64)
    once[0] = 1
    low, high = intervals(MultilabelPredictions(said.labels, said.probabilities, once))["mean_auc"]
    assert 0 <= low <= high <= 1


def test_without_a_label_that_can_be_ranked_no_interval_is_made_up() -> None:
    said = MultilabelPredictions(with_thresholds(0.5, 0.5), np.full((3, 2), 0.2), np.zeros((3, 2), dtype=np.int64))
    assert "mean_auc" not in intervals(said)
