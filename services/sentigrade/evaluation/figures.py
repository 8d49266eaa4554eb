"""Everything that is reported of one data set: an entry of metrics.json."""

from collections.abc import Mapping
from typing import Any

import msgspec

from sentigrade.evaluation.details import (
    ConfidenceBin,
    Interval,
    LabelFigures,
    by_confidence,
    by_label,
    intervals,
)
from sentigrade.evaluation.measures import Measures, measure
from sentigrade.evaluation.predictions import Predictions


class Figures(Measures, frozen=True, kw_only=True, omit_defaults=True):
    """The headline and what is behind it, rounded.

    intervals           by the name of a measure
    by_label            by the id of a label
    by_confidence       the bins of the calibration error, the least sure first
    confusion           texts by true label (rows) and label given (columns)
    seen_in_training    how many of the texts the model has learned from; None where that is not known
    rejected            texts that the service does not answer, such as too long ones; they are not among the n
    """

    intervals: dict[str, Interval]
    by_label: dict[str, LabelFigures]
    by_confidence: list[ConfidenceBin]
    confusion: list[list[int]]
    seen_in_training: int | None = None
    rejected: int = 0

    def headline(self) -> dict[str, float]:
        """Return the few figures that the manifest repeats."""
        return {"n": self.n, "accuracy": self.accuracy, "macro_f1": self.macro_f1, "log_loss": self.log_loss}


def figures_of(predictions: Predictions, *, seen_in_training: int | None = None, rejected: int = 0) -> Figures:
    """Return the figures of what was said of texts whose labels are known."""
    headline: dict[str, Any] = measure(predictions).rounded()
    return Figures(
        **headline,
        intervals=intervals(predictions),
        by_label=by_label(predictions),
        by_confidence=by_confidence(predictions),
        confusion=predictions.confusion().tolist(),
        seen_in_training=seen_in_training,
        rejected=rejected,
    )


def encode_metrics(figures: Mapping[str, Figures]) -> bytes:
    """Return metrics.json: the figures by the name of the data set."""
    return msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n"
