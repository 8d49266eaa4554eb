"""Labelled texts to learn from."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Examples:
    """n labelled texts.

    texts    the raw texts
    labels   (n,) position of each text's label in the label set
    groups   (n,) texts of one group must not be parted between training and test
    whole    (n,) True for the texts that are asked about in use, False for the phrases inside them
    """

    name: str
    texts: list[str]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    whole: NDArray[np.bool_]

    @classmethod
    def of_whole_texts(cls, name: str, texts: Sequence[str], labels: Sequence[int]) -> Self:
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

    def only_whole(self) -> "Examples":
        """Return the whole texts alone."""
        chosen = np.flatnonzero(self.whole)
        return Examples(
            name=self.name,
            texts=[self.texts[i] for i in chosen],
            labels=self.labels[chosen],
            groups=self.groups[chosen],
            whole=self.whole[chosen],
        )

    def sha256(self) -> str:
        """Return a hash of texts and labels in their order, the same whatever file format they came in."""
        digest = hashlib.sha256()
        for text, label in zip(self.texts, self.labels.tolist(), strict=True):
            digest.update(f"{label}\t{text}\n".encode())
        return digest.hexdigest()


def group_repeats(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return (n,) group numbers; texts that differ only in case, spacing and punctuation share one."""
    numbers: dict[str, int] = {}
    keys = (_NOT_ALPHANUMERIC.sub("", text).lower() for text in texts)
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
