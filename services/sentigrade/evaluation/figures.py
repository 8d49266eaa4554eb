"""Everything that is reported of one data set: an entry of metrics.json."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import msgspec

from sentigrade.evaluation.bootstrap import Interval
from sentigrade.evaluation.details import ConfidenceBin, LabelFigures, by_confidence, by_label, intervals
from sentigrade.evaluation.measures import Measures, measure, rounded
from sentigrade.evaluation.multilabel.figures import MultilabelFigures
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.predictions import AnyPredictions, Predictions
from sentigrade.labels import LabelSet


class Figures(Measures, frozen=True, kw_only=True, omit_defaults=True):
    """The headline and what is behind it, rounded.

    intervals           by the name of a measure
    by_label            by the id of a label
    by_confidence       the bins of the calibration error, the least sure first
    confusion           texts by true label (rows) and label given (columns)
    seen_in_training    how many of the texts the model has learned from; None where that is not known
    rejected            texts that the service does not answer, such as too long ones; they are not among the n
    """

    IN_CARD: ClassVar[tuple[str, ...]] = ("accuracy", "macro_f1", "log_loss", "mean_level_error")
    COMPARED: ClassVar[tuple[str, ...]] = ("accuracy", "macro_f1", "log_loss", "ece_excess")

    intervals: dict[str, Interval]
    by_label: dict[str, LabelFigures]
    by_confidence: list[ConfidenceBin]
    confusion: list[list[int]]
    seen_in_training: int | None = None
    rejected: int = 0

    @classmethod
    def of(cls, predictions: Predictions, *, seen_in_training: int | None, rejected: int) -> Self:
        """Return the figures of what was said of texts whose labels are known."""
        measures: dict[str, Any] = rounded(measure(predictions))
        return cls(
            **measures,
            intervals=intervals(predictions),
            by_label=by_label(predictions),
            by_confidence=by_confidence(predictions),
            confusion=predictions.confusion().tolist(),
            seen_in_training=seen_in_training,
            rejected=rejected,
        )

    def headline(self) -> dict[str, float]:
        """Return the few figures that the manifest repeats."""
        return {"n": self.n, "accuracy": self.accuracy, "macro_f1": self.macro_f1, "log_loss": self.log_loss}

    def weakness(self, labels: LabelSet) -> str:
        """Return a sentence on the label that is found least often."""
        recalls = [row.recall for row in self.by_label.values()]
        true = recalls.index(min(recalls))
        wrong = {column: count for column, count in enumerate(self.confusion[true]) if column != true}
        given = max(wrong, key=wrong.__getitem__)
        return (
            f"{labels.names[true]} is found least often, in {recalls[true]:.0%} of its texts; {wrong[given]:,} of "
            f"{sum(self.confusion[true]):,} are called {labels.names[given]}."
        )


# Both know their headline, what cards and comparisons show of them, and what is weakest.
AnyFigures = Figures | MultilabelFigures


def figures_of(predictions: AnyPredictions, *, seen_in_training: int | None = None, rejected: int = 0) -> AnyFigures:
    """Return the figures of what was said, of the kind of the predictions."""
    if isinstance(predictions, MultilabelPredictions):
        return MultilabelFigures.of(predictions, seen_in_training=seen_in_training, rejected=rejected)
    return Figures.of(predictions, seen_in_training=seen_in_training, rejected=rejected)


def encode_metrics(figures: Mapping[str, AnyFigures]) -> bytes:
    """Return metrics.json: the figures by the name of the data set."""
    return msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n"
