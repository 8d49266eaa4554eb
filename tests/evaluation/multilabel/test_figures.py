import msgspec
import numpy as np

from sentigrade.evaluation.figures import encode_metrics, figures_of
from sentigrade.evaluation.multilabel.figures import MultilabelFigures
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from tests.evaluation.drawing import drawn_multilabel, with_thresholds


def test_the_figures_read_back_from_metrics_json() -> None:
    figures = figures_of(drawn_multilabel(100, seed=1), seen_in_training=3, rejected=2)
    assert isinstance(figures, MultilabelFigures)
    assert (figures.n, figures.seen_in_training, figures.rejected) == (100, 3, 2)
    assert msgspec.json.decode(encode_metrics({"x": figures}), type=dict[str, MultilabelFigures]) == {"x": figures}


def test_the_headline_is_led_by_the_mean_auc() -> None:
    figures = figures_of(drawn_multilabel(100, seed=2))
    assert list(figures.headline()) == ["n", "mean_auc", "micro_f1", "exact_match", "log_loss"]


def test_the_weakest_label_is_the_one_that_is_ranked_worst() -> None:
    said = drawn_multilabel(200, seed=3)
    shuffled = said.probabilities.copy()
    shuffled[:, 1] = shuffled[::-1, 1]
    figures = figures_of(MultilabelPredictions(said.labels, shuffled, said.truth))
    assert isinstance(figures, MultilabelFigures)
    row = figures.by_label["label_2"]
    assert f"Label 2 is told apart least well, with an AUC of {row.auc:.3f}" in figures.weakness(said.labels)
    assert f"of its {row.n:,} texts" in figures.weakness(said.labels)


def test_labels_that_cannot_be_told_apart_are_not_called_weak() -> None:
    labels = with_thresholds(0.5, 0.5)
    figures = figures_of(MultilabelPredictions(labels, np.full((3, 2), 0.2), np.zeros((3, 2), dtype=np.int64)))
    assert "mean_auc" not in figures.headline()
    assert figures.weakness(labels).startswith("no label could be told apart")
