"""Which words moved an answer, and by how much: exact for classifiers whose scores are sums over words."""

from itertools import accumulate, pairwise

from sentigrade.answer import Explanation, Word
from sentigrade.classifiers.base import Additive
from sentigrade.long_text import Reading
from sentigrade.model import Model
from sentigrade.rounding import MILLIONTHS, millionths


class Explainer:
    """Explains the answers of a model whose classifier is additive."""

    def __init__(self, model: Model, classifier: Additive) -> None:
        self._cleaner = model.cleaner
        self._classifier = classifier
        self._names = model.manifest.labels.names

    def explain(self, text: str, label: int, reading: Reading | None = None) -> Explanation:
        """Explain the score of a label, given by its number, for a raw text; `reading` is how a long one was read.

        The running totals are rounded, not the weights, so base and weights add up to the score to its last digit.
        """
        tokens = self._cleaner.tokens(text)
        words = [token.text for token in tokens]
        base, added = self._classifier.contributions(words, label)
        if reading:
            added = self._reweighted(words, added, label, reading)
        totals = millionths(accumulate(added, initial=base))
        return Explanation(
            label=self._names[label],
            base=totals[0] / MILLIONTHS,
            score=totals[-1] / MILLIONTHS,
            words=tuple(
                [
                    Word(token.start, token.end, (after - before) / MILLIONTHS)
                    for token, (before, after) in zip(tokens, pairwise(totals), strict=True)
                ]
            ),
        )

    def _reweighted(self, words: list[str], added: list[float], label: int, reading: Reading) -> list[float]:
        """Return what the words of a long text add to the score that its reading gave it."""
        reweighted: list[float] = []
        for length, (as_whole, even) in zip(reading.lengths, reading.word_weights(), strict=True):
            here = slice(len(reweighted), len(reweighted) + length)
            _, in_sentence = self._classifier.contributions(words[here], label)
            reweighted += [
                as_whole * whole + even * sentence for whole, sentence in zip(added[here], in_sentence, strict=True)
            ]
        return reweighted


def open_explainer(model: Model) -> Explainer | None:
    """Return the explainer of a model, None for a family that cannot say which words moved its scores."""
    return Explainer(model, model.classifier) if isinstance(model.classifier, Additive) else None
