"""Family `fasttext`: a supervised model of fastText or BlazingText, also a quantised one."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.fasttext_layout import read_layout
from sentigrade.errors import MissingExtra, ModelFolderError
from sentigrade.labels import FASTTEXT_PREFIX

try:
    import fasttext
except ImportError:
    raise MissingExtra("family fasttext", "fasttext") from None

# fastText adds so much to each probability, so that it has a logarithm.
_ADDED = 1e-5
_LEAST = 1e-9


class OpenModel(Protocol):
    """What is used of an open model; the library carries no types."""

    def predict(self, text: list[str], k: int) -> tuple[list[list[str]], list[NDArray[np.float32]]]:
        """Return the k most probable labels of each text, -1 for all, and their probabilities."""
        ...

    def get_words(self, *, on_unicode_error: str) -> list[str]:
        """Return the words of the dictionary."""
        ...


class FastTextClassifier:
    """A model of fastText and the columns of its labels.

    Scores are logarithms of fastText's probabilities; with the loss one-vs-all, whose probabilities are independent,
    log-odds. A text without any known word has the least score for every label.
    """

    def __init__(self, model: OpenModel, columns: dict[str, int], *, independent: bool) -> None:
        """`columns` holds the score column of each label of the model; a label without one is not answered."""
        self._model = model
        self._columns = columns
        self._count = len(columns)
        self._independent = independent

    @classmethod
    def load(cls, parts: Parts) -> Self:
        """Open a model file; raises ModelFolderError for a damaged one, and for one with other labels."""
        layout = read_layout(parts.content, parts.file)
        if sorted(layout.ids.values()) != sorted(parts.labels.ids):
            raise ModelFolderError(f"{parts.file} was trained with other labels than those of the manifest")
        columns = {FASTTEXT_PREFIX + label: parts.labels.ids.index(slug) for label, slug in layout.ids.items()}
        with file_in_memory(parts.content) as path:
            try:
                model = fasttext.load_model(path)
            except (ValueError, RuntimeError) as error:
                raise ModelFolderError(f"fastText cannot open {parts.file}: {error}") from None
        return cls(model, columns, independent=layout.loss == "ova")

    def start(self) -> None:
        """Do nothing: the model survives a fork."""

    def words(self) -> Iterable[str]:
        """Return the words of its dictionary."""
        return self._model.get_words(on_unicode_error="ignore")

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels."""
        # To fastText a line feed is the end of the text.
        labels, given = self._model.predict([text.replace("\n", " ") for text in cleaned], k=-1)
        # It answers the most probable first, and leaves out what is next to impossible.
        rows = np.repeat(np.arange(len(cleaned)), list(map(len, labels)))
        columns = [self._columns.get(label, self._count) for label in chain.from_iterable(labels)]
        probabilities = np.zeros((len(cleaned), self._count + 1))  # the last column: labels that are not answered
        probabilities[rows, columns] = np.fromiter(chain.from_iterable(given), np.float64, len(columns)) - _ADDED
        return self._scores(probabilities[:, : self._count])

    def _scores(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._independent:
            # Its sigmoid is a table that ends in 0 and 1.
            within = probabilities.clip(_ADDED, 1 - _ADDED)
            odds: NDArray[np.float64] = np.log(within) - np.log1p(-within)
            return odds
        logarithms: NDArray[np.float64] = np.log(probabilities.clip(min=_LEAST))
        return logarithms


load = FastTextClassifier.load


@contextmanager
def file_in_memory(content: bytes = b"") -> Iterator[str]:
    """Give the path of a file with this content, which no other process can change, while the block runs.

    fastText takes nothing but paths.
    """
    with os.fdopen(os.memfd_create("fasttext"), "r+b") as file:
        file.write(content)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"
