"""The pickled pipeline asked through scikit-learn itself: what one would write first."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import joblib
import msgspec
import numpy as np
from numpy.typing import NDArray

from sentigrade.manifest import AS_ONE_TEXT
from sentigrade.model import Model
from sentigrade.training.linear import FittedLinear


class PickledPipeline:
    """A classifier that asks scikit-learn."""

    def __init__(self, path: Path) -> None:
        self._fitted = FittedLinear(joblib.load(path))

    def start(self) -> None:
        """Do nothing: a pipeline survives a fork."""

    def words(self) -> Iterable[str]:
        """Return the single words of the vocabulary."""
        return (term for term in self._fitted.pipeline.steps[0][1].vocabulary_ if " " not in term)

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels."""
        return self._fitted.score(list(cleaned))


def pickled(model: Model) -> Model:
    """Return a loaded model with its pickle in place of ours; it reads texts as a whole, short as they are here."""
    manifest = msgspec.structs.replace(model.manifest, long_text=AS_ONE_TEXT)
    return model._replace(classifier=PickledPipeline(model.folder / "model.joblib"), manifest=manifest)
