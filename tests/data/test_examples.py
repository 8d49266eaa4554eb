import numpy as np

from sentigrade.data.examples import Examples, group_repeats


def test_texts_that_differ_in_case_and_punctuation_form_a_group() -> None:
    groups = group_repeats(["A film.", "a film", "Another film", " A  FILM!"])
    assert groups[0] == groups[1] == groups[3] != groups[2]


def test_the_hash_is_of_the_rows_and_their_order() -> None:
    one, other = (Examples.of_whole_texts("x", ["a", "b"], labels) for labels in ([0, 1], [1, 0]))
    assert one.sha256() != other.sha256()
    assert one.sha256() == Examples.of_whole_texts("another name", ["a", "b"], [0, 1]).sha256()


def test_whole_texts_can_be_picked_out() -> None:
    examples = Examples("x", ["a b", "a"], np.array([1, 0]), np.array([0, 0]), np.array([True, False]))
    assert examples.only_whole().texts == ["a b"]
    assert examples.only_whole().labels.tolist() == [1]


def test_different_texts_are_counted_by_label_and_repeats_once() -> None:
    examples = Examples.of_whole_texts("x", ["A film.", "a film", "B", "C"], [2, 2, 2, 0])
    assert examples.different_texts(3).tolist() == [1, 0, 2]
    several = Examples.of_whole_texts("x", ["A", "B", "b!"], [[1, 1, 0], [0, 1, 0], [0, 1, 0]])
    assert several.different_texts(3).tolist() == [1, 2, 0]
