"""What a model said of texts whose labels are known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sentigrade.evaluation.bootstrap import Interval, Times, intervals_of
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.said import Said
from sentigrade.labels import LabelSet


@dataclass(frozen=True)
class Predictions(Said):
    """Probabilities and truth of n texts with one label each.

    probabilities    (n, labels), each row summing to 1
    truth            (n,) position of each text's label in the label set
    """

    MAIN: ClassVar[str] = "accuracy"

    @property
    def given(self) -> NDArray[np.int64]:
        """The most probable label of each text, (n,)."""
        given: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return given

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of that label, (n,)."""
        confidence: NDArray[np.float64] = self.probabilities.max(axis=1)
        return confidence

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether that label is the true one, (n,)."""
        correct: NDArray[np.bool_] = self.given == self.truth
        return correct

    def confusion(self) -> NDArray[np.int64]:
        """Return how many texts of each true label (rows) got each label (columns)."""
        count = len(self.labels)
        return np.bincount(self.truth * count + self.given, minlength=count**2).reshape(count, count)

    def main(self) -> Callable[[Times], float]:
        """Return what computes the accuracy over a sample of the texts."""
        correct = self.correct.astype(np.float64)
        return lambda times: float(correct @ times) / len(times)

    def warnings(self) -> list[str]:
        """Return a sentence if some label has no text."""
        missing = sorted(set(range(len(self.labels))).difference(self.truth.tolist()))
        names = ", ".join(self.labels.names[position] for position in missing)
        return [f"No text has the label {names}: it counts as 0 in macro-F1."] if missing else []


# Both have labels, probabilities and truth, what was given, which texts are correct, a main figure, and warnings.
AnyPredictions = Predictions | MultilabelPredictions


def predictions_of(labels: LabelSet, probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> AnyPredictions:
    """Return what was said of texts with this truth, as the kind of the label set asks for.

    Raises DataError for a probability that is no number.
    """
    kind = MultilabelPredictions if labels.kind == "multilabel" else Predictions
    return kind(labels, probabilities, truth)


def main_figure(predictions: AnyPredictions) -> float:
    """Return the accuracy, of multi-label predictions the mean AUC; NaN where the texts do not allow for one."""
    return predictions.main()(np.ones(len(predictions), dtype=np.int64))


def gain(first: AnyPredictions, second: AnyPredictions) -> Interval:
    """Return the 95 % interval of how much larger the main figure of `second` is, on the same texts."""
    before, after = first.main(), second.main()
    return intervals_of(lambda times: [after(times) - before(times)], len(first))[0]
