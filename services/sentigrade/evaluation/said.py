"""What every kind of prediction has in common."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.errors import DataError
from sentigrade.labels import LabelSet


@dataclass(frozen=True)
class Said:
    """Probabilities (n, labels) and truth of n texts; the kind of the label set says what either means.

    Raises DataError for a probability that is no number.
    """

    labels: LabelSet
    probabilities: NDArray[np.float64]
    truth: NDArray[np.int64]

    def __post_init__(self) -> None:
        broken = int((~np.isfinite(self.probabilities)).any(axis=1).sum())
        if broken:
            raise DataError(
                f"the model gives no number as a probability for {broken:,} of {len(self):,} texts: "
                "train it again with other parameters"
            )

    def __len__(self) -> int:
        return len(self.truth)

    def only(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the texts where `chosen` (n,) is true."""
        return replace(self, probabilities=self.probabilities[chosen], truth=self.truth[chosen])
