"""The pickled pipeline asked through scikit-learn itself: what one would write first."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import joblib
import numpy as np
from numpy.typing import NDArray

from sentigrade.model import Model
from sentigrade.training.linear import decision_scores


class PickledPipeline:
    """A classifier that asks scikit-learn."""

    def __init__(self, path: Path) -> None:
        self._pipeline = joblib.load(path)

    @classmethod
    def of(cls, model: Model) -> Self:
        """Open the pickle of a model that was loaded."""
        return cls(model.folder / "model.joblib")

    def start(self) -> None:
        """Do nothing: a pipeline survives a fork."""

    def words(self) -> Iterable[str]:
        """Return the single words of the vocabulary."""
        return (term for term in self._pipeline.steps[0][1].vocabulary_ if " " not in term)

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels."""
        return decision_scores(self._pipeline, list(cleaned))
