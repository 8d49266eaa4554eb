import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from sentigrade.evaluation.calibration_error import calibration_error
from sentigrade.evaluation.details import by_confidence, by_label, intervals
from sentigrade.evaluation.measures import measure
from sentigrade.labels import FIVE_LEVELS
from tests.evaluation.drawing import drawn


def test_the_confusion_is_that_of_scikit_learn() -> None:
    predictions = drawn(300, seed=1)
    assert predictions.confusion().tolist() == confusion_matrix(predictions.truth, predictions.given).tolist()


def test_figures_by_label_come_from_the_confusion() -> None:
    predictions = drawn(300, seed=2)
    confusion = predictions.confusion()
    for position, (label, row) in enumerate(by_label(predictions).items()):
        hits = confusion[position, position]
        assert label == FIVE_LEVELS.ids[position]
        assert row.n == confusion[position].sum()
        assert row.recall == pytest.approx(hits / confusion[position].sum(), abs=1e-4)
        assert row.precision == pytest.approx(hits / confusion[:, position].sum(), abs=1e-4)


def test_the_bins_of_confidence_add_up_to_the_calibration_error() -> None:
    predictions = drawn(300, seed=3)
    bins = by_confidence(predictions)
    assert sum(b.n for b in bins) == 300
    error = sum(b.n * abs(b.accuracy - b.confidence) for b in bins) / 300
    assert error == pytest.approx(calibration_error(predictions.confidence, predictions.correct), abs=1e-4)


def test_an_interval_holds_the_figure_of_its_sample() -> None:
    predictions = drawn(300, seed=4)
    measures = measure(predictions)
    found = intervals(predictions)
    assert set(found) == {"accuracy", "macro_f1", "log_loss", "mean_level_error"}
    for name, (low, high) in found.items():
        assert low < getattr(measures, name) < high


def test_an_interval_of_accuracy_is_as_wide_as_theory_says() -> None:
    predictions = drawn(1000, seed=5)
    accuracy = predictions.correct.mean()
    low, high = intervals(predictions)["accuracy"]
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(accuracy * (1 - accuracy) / 1000), rel=0.1)
