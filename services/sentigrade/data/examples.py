"""Labelled texts to learn from."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Examples:
    """n labelled texts.

    texts    the raw texts
    labels   (n,) position of each text's label in the label set; of a multi-label set (n, labels), 1 where one applies
    groups   (n,) texts of one group must not be parted between training and test
    whole    (n,) True for the texts that are asked about in use, False for the phrases inside them
    """

    name: str
    texts: list[str]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    whole: NDArray[np.bool_]

    @classmethod
    def of_whole_texts(cls, name: str, texts: Sequence[str], labels: ArrayLike) -> Self:
        """Return examples without phrases, where repeated texts form a group."""
        return cls(
            name=name,
            texts=list(texts),
            labels=np.array(labels, dtype=np.int64),
            groups=group_repeats(texts),
            whole=np.ones(len(texts), dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.texts)

    def pick(self, positions: NDArray[np.int64]) -> "Examples":
        """Return the examples at these positions."""
        return Examples(
            name=self.name,
            texts=[self.texts[position] for position in positions],
            labels=self.labels[positions],
            groups=self.groups[positions],
            whole=self.whole[positions],
        )

    def only_whole(self) -> "Examples":
        """Return the whole texts alone."""
        return self.pick(np.flatnonzero(self.whole))

    def each_once(self) -> "Examples":
        """Return each different text once, where it stands first."""
        first: dict[str, int] = {}
        for position, text in enumerate(self.texts):
            first.setdefault(text, position)
        return self.pick(np.array(list(first.values()), dtype=np.int64))

    def different_texts(self, labels: int) -> NDArray[np.int64]:
        """Return (labels,) how many different texts each of so many labels has; the texts of a group count once."""
        flags = self.labels if self.labels.ndim == 2 else np.eye(labels, dtype=np.int64)[self.labels]
        return np.array([len(np.unique(self.groups[flag > 0])) for flag in flags.T])

    def sha256(self) -> str:
        """Return a hash of texts and labels in their order, the same whatever file format they came in."""
        digest = hashlib.sha256()
        for text, label in zip(self.texts, self.labels.tolist(), strict=True):  # [1, 0] of a multi-label set
            digest.update(f"{label}\t{text}\n".encode())
        return digest.hexdigest()


def group_repeats(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return (n,) group numbers; texts that differ only in case, spacing and punctuation share one."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(repeat_key(text), len(numbers)) for text in texts], dtype=np.int64)


def repeat_key(text: str) -> str:
    """Return what texts have in common that differ only in case, spacing and punctuation."""
    return _NOT_ALPHANUMERIC.sub("", text).lower() or text.strip()
