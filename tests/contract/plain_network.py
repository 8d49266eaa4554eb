"""A network of family `embedding`, put together without torch: so serving it is tested where there is none."""

from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from sentigrade.classifiers.embedding import EmbeddingClassifier, Network
from sentigrade.training.learning import TrainingTexts, Unseen


class PlainParameters(msgspec.Struct, frozen=True):
    """There is nothing to choose."""

    extra: ClassVar[str | None] = None
    packages: ClassVar[tuple[str, ...]] = ("numpy",)
    unseen: ClassVar[Unseen] = "folds"

    def chosen(self, _texts: TrainingTexts, _seed: int, /) -> Self:
        return self

    def noted(self) -> dict[str, Any]:
        return {}

    def fit(self, texts: TrainingTexts, *, seed: int) -> "PlainNetwork":
        """Make a hidden unit for each label, which says how often a word stands in its texts."""
        count = len(texts.labels)
        counts: dict[str, NDArray[np.float32]] = {}
        for text, labels in texts.applying():
            for word in text.split():
                counts.setdefault(word, np.zeros(count, dtype=np.float32))[labels] += 1
        table = np.array([of_word / max(of_word.sum(), 1) for of_word in counts.values()])
        layer = np.eye(count, dtype=np.float32)
        return PlainNetwork(Network(list(counts), table, layer[0] * 0, layer * 4, layer[0] * 0))


class PlainNetwork(NamedTuple):
    """What came of it."""

    network: Network

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        return EmbeddingClassifier(self.network).score(cleaned)

    def save(self, folder: Path) -> str:
        (folder / "model.npz").write_bytes(self.network.to_bytes())
        return "model.npz"
