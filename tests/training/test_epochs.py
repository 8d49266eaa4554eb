"""Which texts an epoch goes through, and in which windows."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from sentigrade.data.examples import Examples
from sentigrade.labels import make_labels
from sentigrade.training.epochs import Learned, Windows
from sentigrade.training.learning import TrainingTexts
from tests.tiny_encoder import tiny_encoder

pytestmark = pytest.mark.torch

TWO = make_labels(["bad", "good"], ordered=False)


def texts(whole: int, phrases: int) -> TrainingTexts:
    """Whole texts first; each fourth text is of the same group as the three before."""
    count = whole + phrases
    rows = Examples(
        "rows",
        [f"text{n}" for n in range(count)],
        np.arange(count) % 2,
        np.arange(count) // 4,
        np.arange(count) < whole,
    )
    return TrainingTexts.of(TWO, rows.texts, rows)


def learned(
    of: TrainingTexts, *, phrases: int | None = None, whole_epochs: int = 0, early_stopping: bool = False
) -> Learned:
    return Learned.of(of, epochs=2, phrases=phrases, whole_epochs=whole_epochs, early_stopping=early_stopping, seed=1)


def test_each_epoch_goes_through_all_texts_and_further_ones_through_whole_texts_alone() -> None:
    plan = learned(texts(8, 32), whole_epochs=1)
    assert [epoch.tolist() for epoch in plan.epochs] == [[*range(40)], [*range(40)], [*range(8)]]
    assert plan.held_back.tolist() == []


@pytest.mark.parametrize("count", [0, 5])
def test_only_so_many_phrases_are_drawn_the_same_for_each_epoch(count: int) -> None:
    first, second = learned(texts(8, 32), phrases=count).epochs
    assert first.tolist() == second.tolist()
    assert first[:8].tolist() == [*range(8)]
    assert len(first) == 8 + count


def test_early_stopping_asks_about_whole_texts_of_groups_that_are_not_learned_from() -> None:
    plan = learned(texts(40, 40), early_stopping=True)
    assert len(plan.held_back)
    assert plan.held_back.max() < 40
    assert not set(plan.held_back // 4) & set(plan.epochs[0] // 4)


def test_where_no_whole_text_is_held_back_phrases_are_asked_about() -> None:
    assert len(learned(texts(0, 40), early_stopping=True).held_back) == 4


def test_each_window_knows_its_text(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(tiny_encoder(tmp_path) / "tokenizer.json"))
    tokenizer.enable_truncation(8, stride=2)
    cleaned = ["dull", "the film is warm and the plot is fine and funny", ""]
    of = TrainingTexts.of(TWO, cleaned, Examples.of_whole_texts("rows", cleaned, [0, 1, 0]))
    parted = Windows.of(of, tokenizer, padding=0)
    assert parted.rows.targets.tolist() == [of.targets[text] for text in parted.text_of]
    assert parted.text_of.tolist()[0] == 0
    assert parted.text_of.tolist()[-1] == 2
    windows = parted.of_texts(np.array([1]))
    assert len(windows) > 1
    tokens = [parted.rows.tokens[window][1:-1].tolist() for window in windows]
    tokenizer.no_truncation()
    assert [*tokens[0], *(token for part in tokens[1:] for token in part[2:])] == tokenizer.encode(cleaned[1]).ids[1:-1]
