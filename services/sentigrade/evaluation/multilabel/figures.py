"""Everything that is reported of a multi-label model on one data set: an entry of metrics.json."""

from typing import Any, ClassVar, Self

from sentigrade.evaluation.bootstrap import Interval
from sentigrade.evaluation.measures import rounded
from sentigrade.evaluation.multilabel.details import (
    FiguresAtThreshold,
    ProbabilityBin,
    by_label,
    by_probability,
    intervals,
)
from sentigrade.evaluation.multilabel.measures import MultilabelMeasures, measure_multilabel
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.labels import LabelSet


class MultilabelFigures(MultilabelMeasures, frozen=True, kw_only=True, omit_defaults=True):
    """The headline and what is behind it, rounded.

    intervals           by the name of a measure
    by_label            by the id of a label
    by_probability      bins of all decisions on a label, the least probable first
    seen_in_training    how many of the texts the model has learned from; None where that is not known
    rejected            texts that the service does not answer, such as too long ones; they are not among the n
    """

    IN_CARD: ClassVar[tuple[str, ...]] = ("mean_auc", "micro_f1", "macro_f1", "exact_match", "log_loss")
    COMPARED: ClassVar[tuple[str, ...]] = ("mean_auc", "exact_match", "micro_f1", "log_loss", "ece_excess")

    intervals: dict[str, Interval]
    by_label: dict[str, FiguresAtThreshold]
    by_probability: list[ProbabilityBin]
    seen_in_training: int | None = None
    rejected: int = 0

    @classmethod
    def of(cls, predictions: MultilabelPredictions, *, seen_in_training: int | None, rejected: int) -> Self:
        """Return the figures of what was said of texts whose labels are known."""
        measures: dict[str, Any] = rounded(measure_multilabel(predictions))
        return cls(
            **measures,
            intervals=intervals(predictions),
            by_label=by_label(predictions),
            by_probability=by_probability(predictions),
            seen_in_training=seen_in_training,
            rejected=rejected,
        )

    def headline(self) -> dict[str, float]:
        """Return the few figures that the manifest repeats."""
        ranked = {} if self.mean_auc is None else {"mean_auc": self.mean_auc}
        others = {"micro_f1": self.micro_f1, "exact_match": self.exact_match, "log_loss": self.log_loss}
        return {"n": self.n, **ranked, **others}

    def weakness(self, labels: LabelSet) -> str:
        """Return a sentence on the label that is told apart least well, of those that can be told apart."""
        rows = zip(labels.names, self.by_label.values(), strict=True)
        ranked = [(row.auc, name, row) for name, row in rows if row.auc is not None]
        if not ranked:
            return "no label could be told apart: each applies to all texts or to none."
        auc, name, row = min(ranked, key=lambda entry: entry[0])
        return (
            f"{name} is told apart least well, with an AUC of {auc:.3f}; at its threshold it is found in "
            f"{row.recall:.0%} of its {row.n:,} texts, and {row.precision:.0%} of those that get it have it."
        )
