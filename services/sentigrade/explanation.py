"""Which words moved an answer, and by how much: exact for classifiers whose scores are sums over words."""

from itertools import accumulate, pairwise

from sentigrade.answer import Explanation, Word
from sentigrade.classifiers.base import Explaining
from sentigrade.model import Model
from sentigrade.rounding import MILLIONTHS, millionths


class Explainer:
    """Explains the answers of a model whose classifier is an explaining one."""

    def __init__(self, model: Model, classifier: Explaining) -> None:
        self._cleaner = model.cleaner
        self._classifier = classifier
        self._names = model.manifest.labels.names

    def explain(self, text: str, label: int) -> Explanation:
        """Explain the score of a label, given by its number, for a raw text.

        The running totals are rounded, not the weights, so base and weights add up to the score to its last digit.
        """
        tokens = self._cleaner.tokens(text)
        base, added = self._classifier.contributions([token.text for token in tokens], label)
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


def open_explainer(model: Model) -> Explainer | None:
    """Return the explainer of a model, None for a family that cannot say which words moved its scores."""
    return Explainer(model, model.classifier) if isinstance(model.classifier, Explaining) else None
