import pytest

from bench.batch.novelty import unmet_shares
from sentigrade.model import Model


def test_only_words_that_are_not_remembered_count(model: Model) -> None:
    # The model knows the last of four words from the start, and the cleaner the others when they come again.
    assert unmet_shares(["Zyxwvu qwrtpl brkvst film"], model, passes=2) == [pytest.approx(0.75), 0]


def test_words_that_came_long_ago_are_new_again(model: Model) -> None:
    more_than_are_remembered = [f"zyx{number}" for number in range(40_000)]
    assert unmet_shares(more_than_are_remembered, model) == [1, 1]
