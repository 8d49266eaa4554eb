"""Which texts a model has learned from, without keeping them: a short hash of each.

Figures over such texts flatter. A model folder therefore carries the hashes, so that any evaluation can count the
texts that the model has seen, also where its training data is not at hand. Four bytes a text keep the file small; of
texts that were not seen one in 27,000 is taken for one of 157,000 that were, one in 11,000 for one of 395,000.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sentigrade.arrays import array_errors
from sentigrade.data.examples import repeat_key
from sentigrade.errors import ModelFolderError

_BYTES = 4


def text_hashes(texts: Iterable[str]) -> NDArray[np.uint32]:
    """Return (n,) hashes; texts that differ only in case, spacing and punctuation have the same."""
    digests = b"".join(hashlib.sha256(repeat_key(text).encode()).digest()[:_BYTES] for text in texts)
    return np.frombuffer(digests, dtype="<u4")


def write_seen(texts: Iterable[str], path: Path) -> None:
    """Write the hashes of the texts, each once, in rising order."""
    np.save(path, np.unique(text_hashes(texts)), allow_pickle=False)


def seen_among(texts: Sequence[str], path: Path) -> NDArray[np.bool_]:
    """Return (n,) whether each text is among those that were written; raises ModelFolderError for another file."""
    try:
        with array_errors():
            seen = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{path} does not hold the hashes of training texts: {error}") from None
    return np.isin(text_hashes(texts), seen)
