from dataclasses import replace

import numpy as np

from sentigrade.data.examples import Examples
from sentigrade.labels import make_labels, make_multilabel
from sentigrade.training.learning import TrainingTexts

TWO = make_labels(["bad", "good"], ordered=False)


def test_each_cleaned_text_counts_once_a_label() -> None:
    rows = Examples.of_whole_texts("rows", ["a", "b", "a", "a"], [0, 1, 0, 1])
    taken = TrainingTexts.of(TWO, rows.texts, replace(rows, whole=np.array([True, False, False, False])))
    assert taken.cleaned == ["a", "b", "a"]
    assert taken.targets.tolist() == [0, 1, 1]
    assert taken.whole == ["a"]
    assert taken.groups.tolist() == [0, 1, 0]


def test_the_same_text_with_the_same_labels_counts_once_with_others_again() -> None:
    rows = Examples.of_whole_texts("rows", ["x", "x", "x"], [[1, 0], [1, 0], [1, 1]])
    taken = TrainingTexts.of(make_multilabel(["a", "b"]), rows.texts, rows)
    assert taken.targets.tolist() == [[1, 0], [1, 1]]


def test_texts_come_with_the_positions_of_their_labels() -> None:
    rows = Examples.of_whole_texts("rows", ["a", "b"], [1, 0])
    one = TrainingTexts.of(TWO, rows.texts, rows)
    assert [(text, labels.tolist()) for text, labels in one.applying()] == [("a", [1]), ("b", [0])]
    rows = Examples.of_whole_texts("rows", ["a", "b", "c"], [[1, 1], [0, 0], [0, 1]])
    several = TrainingTexts.of(make_multilabel(["x", "y"]), rows.texts, rows)
    assert [labels.tolist() for _, labels in several.applying()] == [[0, 1], [], [1]]
