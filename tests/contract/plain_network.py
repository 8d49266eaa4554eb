"""A network of family `embedding`, put together without torch: so serving it is tested where there is none."""

from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentigrade.classifiers.embedding import EmbeddingClassifier, Network
from sentigrade.training.learning import TrainingTexts
from tests.contract.word_shares import NothingToChoose, word_shares


class PlainParameters(NothingToChoose, frozen=True):
    extra: ClassVar[str | None] = None
    packages: ClassVar[tuple[str, ...]] = ("numpy",)

    def fit(self, texts: TrainingTexts, *, seed: int) -> "PlainNetwork":
        """Make a hidden unit for each label, to which each word adds its share."""
        words, table = word_shares(texts)
        layer = np.eye(len(texts.labels), dtype=np.float32)
        return PlainNetwork(Network(words, table, layer[0] * 0, layer * 4, layer[0] * 0))


class PlainNetwork(NamedTuple):
    """What came of it."""

    network: Network

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        return EmbeddingClassifier(self.network).score(cleaned)

    def save(self, folder: Path) -> str:
        (folder / "model.npz").write_bytes(self.network.to_bytes())
        return "model.npz"
