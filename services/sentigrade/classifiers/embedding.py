"""Family `embedding`: the mean of word vectors, a hidden layer and an output for each label, as plain arrays.

The hidden layer is applied to the mean of a text's vectors, which is the mean of the layer applied to each. So training
applies it once to every word (training/embedding.py): the table has a row of as many numbers as there are hidden
units, however many the vectors had, and a text is scored without torch.
"""

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import accumulate, chain
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.arrays import array_errors
from sentigrade.classifiers.base import Parts
from sentigrade.errors import ModelFolderError
from sentigrade.labels import LabelSet

# Row 0 of the table, all zeros; every text has it once, so no text is without rows.
_NOTHING = 0

# What zipfile raises for bytes that are not its own, and numpy for arrays.
_BROKEN = (zipfile.BadZipFile, EOFError, ValueError, LookupError, OSError, RuntimeError)


class Network(NamedTuple):
    """What training leaves of v words, h hidden units and n labels.

    words          v different words, without blanks
    table          (v, h) float32, what the hidden layer makes of each word
    hidden_bias    (h,) float32
    output         (h, n) float32
    output_bias    (n,) float32
    """

    words: list[str]
    table: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output: NDArray[np.float32]
    output_bias: NDArray[np.float32]

    def to_bytes(self) -> bytes:
        """Return the model file: numpy's `.npz`, not compressed; the same bytes for the same numbers."""
        file = BytesIO()
        words = np.frombuffer(" ".join(self.words).encode(), dtype=np.uint8)
        np.savez(file, allow_pickle=False, **(self._asdict() | {"words": words}))
        return file.getvalue()

    @classmethod
    def of_bytes(cls, content: bytes) -> Self:
        """Read a model file; raises ValueError, saying why, for one that cannot be scored with."""
        _require_plain(content, cls._fields)
        with array_errors(), np.load(BytesIO(content), allow_pickle=False) as arrays:
            held = {name: arrays[name] for name in cls._fields}
            held["words"] = held["words"].tobytes().decode().split()
        network = cls(**held)
        network._require_sound()
        return network

    def _require_sound(self) -> None:
        numbers = self[1:]
        if any(not isinstance(array, np.ndarray) or array.dtype != np.float32 for array in numbers):
            raise ValueError("its numbers are not all of type float32")
        hidden, labels = self.output.shape
        shapes = [(len(self.words), hidden), (hidden,), (hidden, labels), (labels,)]
        if [array.shape for array in numbers] != shapes:
            raise ValueError("its arrays do not fit together")
        if not all(np.isfinite(array).all() for array in numbers):
            raise ValueError("a number in it is not finite")
        if len(set(self.words)) < len(self.words):
            raise ValueError("it has a word twice")


class EmbeddingClassifier:
    """A network, ready to score."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._rows = {word: row for row, word in enumerate(network.words, start=_NOTHING + 1)}
        self._table = np.vstack([np.zeros_like(network.hidden_bias), network.table])

    @classmethod
    def load(cls, parts: Parts) -> Self:
        """Read a model file; raises ModelFolderError when it is none or was trained on other labels."""
        try:
            network = Network.of_bytes(parts.content)
            _require_labels(len(network.output_bias), parts.labels)
        except _BROKEN as error:
            raise ModelFolderError(f"{parts.file} cannot be read as a model of family embedding: {error}") from error
        return cls(network)

    def start(self) -> None:
        """Do nothing: arrays survive a fork."""

    def words(self) -> Iterable[str]:
        """Return the words that have a vector."""
        return self._rows.keys()

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels; a text without known words has the mean of nothing, 0."""
        rows = list(map(self._rows_of, cleaned))
        starts = list(accumulate(map(len, rows[:-1]), initial=0))
        taken = self._table.take(list(chain.from_iterable(rows)), axis=0)
        # In float64, so that the rows' order and number leave no trace in the digits that answers keep.
        sums = np.add.reduceat(taken, starts, axis=0, dtype=np.float64)
        known = np.array(list(map(len, rows))) - 1
        means = sums / np.maximum(known, 1)[:, np.newaxis]
        hidden = np.tanh(means + self._network.hidden_bias)
        scores: NDArray[np.float64] = hidden @ self._network.output + self._network.output_bias
        return scores

    def _rows_of(self, cleaned: str) -> list[int]:
        return [_NOTHING, *filter(None, map(self._rows.get, cleaned.split()))]


load = EmbeddingClassifier.load


def _require_plain(content: bytes, names: Sequence[str]) -> None:
    """Raise ValueError for any but these arrays, and for compressed ones: they could unpack to any size."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        members = archive.infolist()
    if [member.filename for member in members] != [f"{name}.npy" for name in names]:
        raise ValueError(f"it does not hold the arrays {', '.join(names)}")
    if any(member.compress_type != zipfile.ZIP_STORED or member.file_size > len(content) for member in members):
        raise ValueError("its arrays are compressed: save them with numpy.savez")


def _require_labels(found: int, labels: LabelSet) -> None:
    if found != len(labels):
        raise ValueError(f"it was trained on {found} labels, the manifest lists {len(labels)}")
