"""Asks a model about texts whose labels are known, as a caller would, and keeps count."""

import math
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from sentigrade.answer import Answer, Rejection
from sentigrade.data.examples import Examples
from sentigrade.data.overlap import seen_among
from sentigrade.errors import DataError
from sentigrade.evaluation.figures import AnyFigures, figures_of
from sentigrade.evaluation.naming import name_of
from sentigrade.evaluation.predictions import AnyPredictions, main_figure, predictions_of
from sentigrade.labels import LabelSet
from sentigrade.manifest import Manifest
from sentigrade.model import Model
from sentigrade.scorer import Scorer

_BLOCK = 256
# Answers are rounded to six digits: a probability of 0 is one below half of the last digit.
_LEAST_PROBABILITY = 5e-7


class Evaluation(NamedTuple):
    """What a model said of labelled texts.

    answered    (texts,) False for those that the service rejects
    seen        (texts,) True for those that the model has learned from; None where that is not known
    """

    manifest: Manifest
    examples: Examples
    predictions: AnyPredictions
    answered: NDArray[np.bool_]
    seen: NDArray[np.bool_] | None

    def figures(self) -> AnyFigures:
        """Return the figures over the answered texts."""
        return figures_of(
            self.predictions,
            seen_in_training=None if self.seen is None else int(self.seen.sum()),
            rejected=int((~self.answered).sum()),
        )

    def warnings(self) -> list[str]:
        """Return a sentence for each thing that makes the figures less than they seem."""
        return [*self._warn_of_seen(), *self._warn_of_rejected(), *self.predictions.warnings()]

    def _warn_of_seen(self) -> list[str]:
        if self.seen is None:
            return [
                "The model does not say which texts it has learned from: whether any of these is among them is open."
            ]
        count, total = int(self.seen.sum()), len(self.examples)
        if not count:
            return []
        unseen = self.predictions.only(~self.seen[self.answered])
        main = main_figure(unseen) if len(unseen) else math.nan
        over_others = "" if math.isnan(main) else f"; {name_of(unseen.MAIN)} over the others is {main:.4f}"
        return [f"The model has learned from {count:,} of these {total:,} texts, which flatters it{over_others}."]

    def _warn_of_rejected(self) -> list[str]:
        count = int((~self.answered).sum())
        return [f"{count:,} texts were rejected, as the service does, and are in no figure."] if count else []


def evaluate(scorer: Scorer, examples: Examples) -> Evaluation:
    """Answer all examples with a scorer that was started; progress goes to standard error.

    Raises DataError when all examples have the same labels or no text could be answered.
    """
    labels = scorer.model.manifest.labels
    require_different(labels, examples)
    outcomes = _ask(scorer, examples.texts)
    answered = np.array([isinstance(outcome, Answer) for outcome in outcomes])
    if not answered.any():
        raise DataError(f"{examples.name}: the service would reject each of its texts, such as for its length")
    predictions = predictions_of(labels, _probabilities(labels, outcomes), examples.labels[answered])
    return Evaluation(scorer.model.manifest, examples, predictions, answered, _seen(scorer.model, examples.texts))


def require_different(labels: LabelSet, examples: Examples) -> None:
    """Raise DataError when all examples have the same labels: nothing can be told apart."""
    if len(np.unique(examples.labels, axis=0)) >= 2:
        return
    if labels.kind == "multilabel":
        raise DataError(f"{examples.name}: all rows have the same labels, or none: give rows with and without a label")
    only = labels.names[examples.labels[0]]
    raise DataError(f"{examples.name} has rows of one label only ({only}): give rows of two labels at least")


def _ask(scorer: Scorer, texts: Sequence[str]) -> list[Answer | Rejection]:
    outcomes: list[Answer | Rejection] = []
    with tqdm(total=len(texts), desc="answering", unit="text", file=sys.stderr) as progress:
        for start in range(0, len(texts), _BLOCK):
            outcomes += scorer.score(texts[start : start + _BLOCK])
            progress.update(len(outcomes) - progress.n)
    return outcomes


def _probabilities(labels: LabelSet, outcomes: Sequence[Answer | Rejection]) -> NDArray[np.float64]:
    """Return the probabilities of the answers, (answered, labels); those of alternatives sum to 1 again."""
    answers = (outcome for outcome in outcomes if isinstance(outcome, Answer))
    rounded = np.array([list(answer.probabilities.values()) for answer in answers])
    if labels.kind == "multilabel":
        return rounded
    probabilities = np.maximum(rounded, _LEAST_PROBABILITY)
    normed: NDArray[np.float64] = probabilities / probabilities.sum(axis=1, keepdims=True)
    return normed


def _seen(model: Model, texts: Sequence[str]) -> NDArray[np.bool_] | None:
    files = [name for name, entry in model.manifest.files.items() if entry.role == "training_texts"]
    return seen_among(texts, model.folder / files[0]) if files else None
