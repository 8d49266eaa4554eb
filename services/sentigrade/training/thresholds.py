"""From which probability on a label applies: tuned on texts that the model has not seen."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from sentigrade.errors import DataError
from sentigrade.labels import NEVER, LabelSet
from sentigrade.rounding import MILLIONTHS

_Share = Annotated[float, Meta(gt=0, le=1)]


class Aim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a threshold is to reach: so much recall, so much precision, or, without either, the best F1."""

    recall: _Share | None = None
    precision: _Share | None = None

    def __post_init__(self) -> None:
        if self.recall and self.precision:
            raise ValueError("a threshold reaches a recall or a precision, not both")


# A number is the threshold itself; 1 means that the label never applies.
Wish = Annotated[float, Meta(ge=0, le=1)] | Aim


def require_known(labels: LabelSet, wishes: Mapping[str, Wish]) -> None:
    """Raise DataError for a wish about a label that there is not."""
    unknown = sorted(set(wishes).difference(labels.ids))
    if unknown:
        raise DataError(f"thresholds name the label {unknown[0]!r}; the labels are {', '.join(labels.ids)}")


def tune_thresholds(
    labels: LabelSet, probabilities: NDArray[np.float64], truth: NDArray[np.int64], wishes: Mapping[str, Wish]
) -> LabelSet:
    """Return the multi-label set with the thresholds that fulfil the wishes (by id) on n texts (n, labels).

    Labels without a wish get the threshold of the best F1. Raises DataError for a precision that no threshold reaches.
    """
    items = [
        replace(label, threshold=_threshold(label.id, wishes.get(label.id, Aim()), given, applies))
        for label, given, applies in zip(labels.items, probabilities.T, truth.T, strict=True)
    ]
    return replace(labels, items=tuple(items))


def _threshold(label: str, wish: Wish, given: NDArray[np.float64], applies: NDArray[np.int64]) -> float:
    if not isinstance(wish, Aim):
        return wish
    precision, recall, thresholds = precision_recall_curve(applies, given)
    # The curve ends in a point that belongs to no threshold.
    return _rounded_down(thresholds[_best(label, wish, precision[:-1], recall[:-1])])


def _best(label: str, aim: Aim, precision: NDArray[np.float64], recall: NDArray[np.float64]) -> int:
    """Return which threshold has the best F1 of those that reach the aim."""
    reached = (recall >= (aim.recall or 0)) & (precision >= (aim.precision or 0))
    if not reached.any():
        raise DataError(f"no threshold of {label} reaches a precision of {aim.precision}; give a lower one")
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(np.float64).eps)
    return int(np.where(reached, f1, -1).argmax())


def _rounded_down(threshold: float) -> float:
    """Probabilities are answered in millionths: none that has reached the threshold may fall below it."""
    return min(float(np.floor(threshold * MILLIONTHS)), NEVER * MILLIONTHS - 1) / MILLIONTHS
