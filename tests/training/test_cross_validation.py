import numpy as np
import pytest
from numpy.typing import NDArray

from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import make_labels
from sentigrade.training.cross_validation import (
    grouped_folds,
    out_of_fold_scores,
)
from sentigrade.training.linear import LinearParameters

TWO = make_labels(["bad", "good"], ordered=False)


def test_folds_part_no_group_and_test_every_row_once() -> None:
    groups = np.repeat(np.arange(20), 3)
    tested: list[int] = []
    for train, test in grouped_folds(groups, seed=1):
        assert not set(groups[train]) & set(groups[test])
        tested.extend(test)
    assert sorted(tested) == list(range(60))


def test_too_few_groups_are_an_error() -> None:
    with pytest.raises(DataError, match="5 different texts"):
        list(grouped_folds(np.array([0, 0, 1, 2, 3]), seed=1))


def test_no_text_is_scored_by_a_model_that_has_seen_it() -> None:
    # Each text has one word of its own, so that what was not seen can only score the intercept.
    texts = [f"word{number}" for number in range(40)]
    examples = Examples.of_whole_texts("x", texts, [number % 2 for number in range(40)])
    scores = out_of_fold_scores(TWO, examples, texts, LinearParameters(), seed=1)
    assert np.abs(scores).max() < 0.2


def test_folds_beside_each_other_score_as_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"a {word} film {number}" for number in range(20) for word in ("fine", "dull")]
    examples = Examples.of_whole_texts("x", texts, [0, 1] * 20)

    def scores(processes: int) -> NDArray[np.float64]:
        monkeypatch.setenv("LOKY_MAX_CPU_COUNT", str(processes))
        return out_of_fold_scores(TWO, examples, texts, LinearParameters(), seed=1)

    np.testing.assert_array_equal(scores(1), scores(2))
