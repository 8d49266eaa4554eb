"""Which windows of which texts a fine-tuning goes through, and when."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sentigrade.classifiers.transformer import windows
from sentigrade.training.batches import Rows
from sentigrade.training.holding_back import hold_back
from sentigrade.training.learning import TrainingTexts


class Windows(NamedTuple):
    """The windows of n texts; `text_of` (windows,) is the position of each one's text."""

    rows: Rows
    text_of: NDArray[np.int64]

    @classmethod
    def of(cls, texts: TrainingTexts, tokenizer: Tokenizer, padding: int) -> "Windows":
        """Part the texts as they will be when they are scored."""
        # One text after the other: beside each other they take half as long, but forbid forks from then on.
        parts = [windows(tokenizer, text) for text in texts.cleaned]
        text_of = np.repeat(np.arange(len(parts)), list(map(len, parts)))
        tokens = [np.array(ids, dtype=np.int32) for part in parts for ids in part]
        return cls(Rows(tokens, texts.targets[text_of], padding), text_of)

    def of_texts(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the positions of the windows of the texts at these positions."""
        return np.flatnonzero(np.isin(self.text_of, positions))


class Learned(NamedTuple):
    """Positions of the texts that each epoch goes through, and of those that say how well it goes."""

    epochs: list[NDArray[np.int64]]
    held_back: NDArray[np.int64]

    @classmethod
    def of(  # noqa: PLR0913 - each a parameter of the recipe
        cls,
        texts: TrainingTexts,
        *,
        epochs: int,
        phrases: int | None,
        whole_epochs: int,
        early_stopping: bool,
        seed: int,
    ) -> "Learned":
        """Draw so many phrases and all whole texts, and then the whole texts alone."""
        learned, held_back = np.arange(len(texts.cleaned)), np.array([], dtype=np.int64)
        if early_stopping:
            learned, held_back = hold_back(texts.groups, seed=seed)
        known = set(texts.whole)
        is_whole = np.array([text in known for text in texts.cleaned])
        whole, drawn = learned[is_whole[learned]], learned[~is_whole[learned]]
        if phrases is not None:
            drawn = np.random.default_rng(seed).permutation(drawn)[:phrases]
        asked = held_back[is_whole[held_back]]
        parts = [np.union1d(whole, drawn)] * epochs + [whole] * whole_epochs
        return cls(parts, asked if len(asked) else held_back)
