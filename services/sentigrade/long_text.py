"""How a text of many sentences becomes one answer.

The scores of a linear model grow with a text, and so does whatever leans to one side in words that mean nothing. Three
numbers in the manifest, chosen on whole reviews (docs/long-texts.md), keep both in bounds. With `known` words that the
model knows, of `length` tokens in all:

    damping'  = (over_words / known) ** damping          1 at over_words, and falling from there
    evenness' = evenness * (1 - damping')                0 at over_words, and rising from there
    score     = base + damping' * ((1 - evenness') * (whole - base) + evenness' * length * even)

`even` is the mean of (sentence - base) / its length over the sentences, `base` what a text without words scores. So
what goes on and on counts less and less, and a sentence has its say however long it is. A tilt of the probabilities
along the labels' polarity, `tilt * (1 - damping')`, takes out the leaning. Nothing jumps at `over_words`. The score is
still a sum over words, so an explanation of it is exact.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.classifiers.base import Additive
from sentigrade.errors import ModelFolderError
from sentigrade.manifest import LongText
from sentigrade.model import Model
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.sentences import split


class Reading(NamedTuple):
    """How one long text was read.

    `scores` are its scores, one a label, on the scale of a text of `scale` tokens; its answer is tilted by `tilt` along
    the labels' polarity. `damping` and `evenness` are those of this text, `lengths` the tokens of its sentences.
    """

    scores: NDArray[np.float64]
    scale: int
    tilt: float
    damping: float
    evenness: float
    lengths: list[int]

    def word_weights(self) -> list[tuple[float, float]]:
        """Return, for the words of each sentence, how much of what they add to the whole and to the sentence counts."""
        as_whole = self.damping * (1 - self.evenness)
        even = self.damping * self.evenness * sum(self.lengths) / len(self.lengths)
        return [(as_whole, even / max(length, 1)) for length in self.lengths]


class LongTextReader:
    """Reads texts that are longer than `over_words`."""

    def __init__(self, rule: LongText, cleaner: Cleaner, classifier: Additive) -> None:
        self.over_words = rule.over_words
        self._rule = rule
        self._cleaner = cleaner
        self._classifier = classifier
        self._base = classifier.score([""])[0]

    @classmethod
    def of(cls, model: Model) -> Self | None:
        """Return the reader that a model's manifest asks for, None when it asks for whole texts.

        Raises ModelFolderError when the family or the cleaning does not allow for it.
        """
        manifest = model.manifest
        if manifest.long_text.aggregate == "whole":
            return None
        if not isinstance(model.classifier, Additive):
            raise ModelFolderError(f"{model.folder}: the family {manifest.family} cannot read texts by sentences")
        if not manifest.cleaning.cleans_sentences_alone:
            raise ModelFolderError(f"{model.folder}: its profile cleans a sentence in another way than a text of it")
        return cls(manifest.long_text, model.cleaner, model.classifier)

    def read_all(
        self, texts: Sequence[str], cleaned: Sequence[str], scores: NDArray[np.float64], lengths: Sequence[int]
    ) -> dict[int, Reading]:
        """Return how the long ones among raw texts are read, by their numbers."""
        if max(lengths) <= self.over_words:
            return {}
        longer = [number for number, length in enumerate(lengths) if length > self.over_words]
        readings = {number: self.read(texts[number], cleaned[number], scores[number]) for number in longer}
        return {number: reading for number, reading in readings.items() if reading}

    def read(self, text: str, cleaned: str, scores: NDArray[np.float64]) -> Reading | None:
        """Return the reading of a raw text, None for a short one; `cleaned` and `scores` are those of it as a whole."""
        known = self._classifier.known_words(cleaned)
        if known <= self.over_words:
            return None
        damping = (self.over_words / known) ** self._rule.damping
        evenness = self._rule.evenness * (1 - damping)
        sentences = self._cleaner.clean([text[start:end] for start, end in split(text)])
        lengths = list(map(token_count, sentences))
        length = token_count(cleaned)
        even = length * self._even(sentences, lengths)
        total = (1 - evenness) * (scores - self._base) + evenness * even
        return Reading(
            scores=self._base + damping * total,
            scale=round(length * self.over_words / known),
            tilt=self._rule.tilt * (1 - damping),
            damping=damping,
            evenness=evenness,
            lengths=lengths,
        )

    def _even(self, sentences: Sequence[str], lengths: Sequence[int]) -> NDArray[np.float64]:
        """Return what a token adds to the scores, the mean over the sentences."""
        added = self._classifier.score(sentences) - self._base
        mean: NDArray[np.float64] = (added / np.maximum(lengths, 1)[:, np.newaxis]).mean(axis=0)
        return mean


def put(readings: Mapping[int, Reading], scores: NDArray[np.float64], lengths: list[int]) -> NDArray[np.float64]:
    """Put the readings' scores in their places, on the scale of their lengths; return the tilt of each text."""
    tilts = np.zeros(len(lengths))
    for number, reading in readings.items():
        scores[number] = reading.scores
        lengths[number] = reading.scale
        tilts[number] = reading.tilt
    return tilts
