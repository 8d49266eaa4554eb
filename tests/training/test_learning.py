import numpy as np

from sentigrade.labels import make_labels, make_multilabel
from sentigrade.training.learning import TrainingTexts

TWO = make_labels(["bad", "good"], ordered=False)


def test_each_cleaned_text_counts_once_a_label() -> None:
    whole = np.array([True, False, False, False])
    taken = TrainingTexts.of(TWO, ["a", "b", "a", "a"], np.array([0, 1, 0, 1]), whole)
    assert taken.cleaned == ["a", "b", "a"]
    assert taken.targets.tolist() == [0, 1, 1]
    assert taken.whole == ["a"]


def test_the_same_text_with_the_same_labels_counts_once_with_others_again() -> None:
    targets = np.array([[1, 0], [1, 0], [1, 1]])
    taken = TrainingTexts.of(make_multilabel(["a", "b"]), ["x", "x", "x"], targets, np.ones(3, dtype=np.bool_))
    assert taken.targets.tolist() == [[1, 0], [1, 1]]


def test_texts_come_with_the_positions_of_their_labels() -> None:
    one = TrainingTexts.of(TWO, ["a", "b"], np.array([1, 0]), np.ones(2, dtype=np.bool_))
    assert [(text, labels.tolist()) for text, labels in one.applying()] == [("a", [1]), ("b", [0])]
    targets = np.array([[1, 1], [0, 0], [0, 1]])
    several = TrainingTexts.of(make_multilabel(["x", "y"]), ["a", "b", "c"], targets, np.ones(3, dtype=np.bool_))
    assert [labels.tolist() for _, labels in several.applying()] == [[0, 1], [], [1]]
