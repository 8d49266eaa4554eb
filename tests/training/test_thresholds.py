import numpy as np
import pytest
from sklearn.metrics import f1_score

from sentigrade.errors import DataError
from sentigrade.labels import make_multilabel
from sentigrade.training.thresholds import Aim, Wish, require_known, tune_thresholds

LABELS = make_multilabel(["threat", "obscene"])
PROBABILITIES = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.2]])
TRUTH = np.array([[0, 1], [1, 0], [0, 1], [1, 0]])


def thresholds(wishes: dict[str, Wish]) -> list[float | None]:
    return [label.threshold for label in tune_thresholds(LABELS, PROBABILITIES, TRUTH, wishes).items]


def test_without_a_wish_a_threshold_gives_the_best_f1() -> None:
    random = np.random.default_rng(0)
    probabilities = random.random((500, 2)).round(6)
    truth = (probabilities + random.normal(scale=0.3, size=(500, 2)) > 0.6).astype(np.int64)
    tuned = tune_thresholds(LABELS, probabilities, truth, {})
    for label, given, applies in zip(tuned.items, probabilities.T, truth.T, strict=True):
        best = max(f1_score(applies, given >= threshold) for threshold in given)
        assert f1_score(applies, given >= label.threshold) == pytest.approx(best, abs=0.002)


def test_a_number_is_the_threshold_itself() -> None:
    assert thresholds({"obscene": 1.0, "threat": 0.05}) == [0.05, 1.0]


def test_a_recall_is_reached_with_the_best_f1_that_does() -> None:
    assert thresholds({"threat": Aim(recall=1.0)})[0] == 0.2
    assert thresholds({"threat": Aim(recall=0.5)})[0] == 0.2  # which costs no more than 0.4 would
    assert thresholds({"obscene": Aim(recall=0.1)})[1] == 0.7


def test_a_precision_is_reached_with_the_best_f1_that_does() -> None:
    assert thresholds({"threat": Aim(precision=1.0)})[0] == 0.4
    assert thresholds({"obscene": Aim(precision=0.6)})[1] == 0.7


def test_a_threshold_is_rounded_towards_more_texts() -> None:
    tuned = tune_thresholds(LABELS, PROBABILITIES - 0.0000001, TRUTH, {"threat": Aim(recall=1.0)})
    assert tuned.items[0].threshold == 0.199999


def test_a_label_of_which_the_model_is_sure_still_applies() -> None:
    tuned = tune_thresholds(LABELS, TRUTH.astype(np.float64), TRUTH, {})
    assert [label.threshold for label in tuned.items] == [0.999999, 0.999999]


def test_a_wish_about_a_label_that_there_is_not_is_an_error() -> None:
    with pytest.raises(DataError, match="thresholds name the label 'insult'; the labels are threat, obscene"):
        require_known(LABELS, {"threat": 0.5, "insult": 0.5})
    require_known(LABELS, {"threat": 0.5})


def test_a_precision_that_is_out_of_reach_is_an_error() -> None:
    with pytest.raises(DataError, match="no threshold of threat reaches a precision of 0.9"):
        tune_thresholds(LABELS, PROBABILITIES[:, [1, 0]], TRUTH, {"threat": Aim(precision=0.9)})


def test_a_threshold_cannot_reach_a_recall_and_a_precision() -> None:
    with pytest.raises(ValueError, match="not both"):
        Aim(recall=0.9, precision=0.9)
