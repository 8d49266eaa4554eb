"""Fits family `embedding` with torch: the mean of word vectors, which move too, and two layers."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from sentigrade.classifiers.embedding import EmbeddingClassifier, Network
from sentigrade.data.examples import group_repeats
from sentigrade.data.word_vectors import Vector, digests_of, read_word_vectors
from sentigrade.errors import DataError, MissingExtra
from sentigrade.training.holding_back import hold_back
from sentigrade.training.learning import TrainingTexts, Unseen

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingExtra("training family embedding", "torch") from None

MODEL_FILE = "model.npz"

# Epochs without a lower loss on the texts held back.
_PATIENCE = 5
# The standard deviation that pretrained numbers are brought to: larger ones hardly learn what is good and what is bad,
# smaller ones forget which words are alike.
_SPREAD = 0.3
# Vectors of words that the file of vectors does not hold: small, so that they say little until they are trained.
_UNKNOWN = 0.1
# Words at the head of a file of vectors that are kept though no text holds them: docs/embedding.md says what for.
_FREQUENT = 50_000


class EmbeddingParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a training; docs/embedding.md says how the defaults were chosen.

    vectors       a file of pretrained word vectors (data/word_vectors.py); None: they begin at random
    dimensions    numbers in a vector
    hidden        hidden units
    min_count     words get a vector if so many texts hold them
    epochs        the most; training stops earlier when the texts held back are no longer answered better
    batch         texts in a step
    lr            the step size of Adam
    dropout       the share of numbers, of the mean and of the hidden units, that each step leaves out
    """

    extra: ClassVar[str | None] = None
    packages: ClassVar[tuple[str, ...]] = ("spacy", "torch", "numpy")
    unseen: ClassVar[Unseen] = "folds"

    vectors: Annotated[str, Meta(min_length=1)] | None = None
    dimensions: Annotated[int, Meta(ge=1, le=1000)] = 50
    hidden: Annotated[int, Meta(ge=1, le=1000)] = 16
    min_count: Annotated[int, Meta(ge=1)] = 2
    epochs: Annotated[int, Meta(ge=1)] = 100
    batch: Annotated[int, Meta(ge=1)] = 64
    lr: Annotated[float, Meta(gt=0, le=1e30)] = 0.003  # more than that torch cannot compute with
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.3

    def chosen(self, _texts: TrainingTexts, _seed: int, /) -> Self:
        """Return these parameters: nothing is tried out."""
        return self

    def noted(self) -> dict[str, Any]:
        """Return them by name, for `vectors` the sha256 of each file by its name."""
        noted = msgspec.structs.asdict(self)
        if self.vectors:
            noted["vectors"] = digests_of(Path(self.vectors))
        return noted

    def fit(self, texts: TrainingTexts, *, seed: int) -> "FittedEmbedding":
        """Fit in one thread; the same for the same input and seed.

        A tenth of the texts is held back; the epoch that answers them best is kept. Raises DataError when there is
        nothing to tell apart, for vectors that cannot be used, and when the numbers overflow.
        """
        texts.require_different_labels()
        learned, held_back = hold_back(group_repeats(texts.cleaned), seed=seed)
        words = _words((texts.cleaned[position] for position in learned), self.min_count)
        words, vectors = _beginning(words, self, seed)
        with _alone(seed):
            training = _Training(_Texts.of(texts, words), vectors, len(texts.labels), self)
            return FittedEmbedding(Network(words, *_best(training, learned, held_back, self.epochs)))


Parameters = EmbeddingParameters


class FittedEmbedding(NamedTuple):
    """A trained network."""

    network: Network

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels."""
        return EmbeddingClassifier(self.network).score(cleaned)

    def save(self, folder: Path) -> str:
        """Write the arrays."""
        (folder / MODEL_FILE).write_bytes(self.network.to_bytes())
        return MODEL_FILE


class _Texts(NamedTuple):
    """n texts as torch takes them.

    rows       for each text the rows of its known words
    targets    (n,) positions of the labels, or (n, labels) of 0 and 1
    """

    rows: list[NDArray[np.int64]]
    targets: torch.Tensor

    @classmethod
    def of(cls, texts: TrainingTexts, words: Sequence[str]) -> Self:
        row_of = {word: row for row, word in enumerate(words)}
        rows = [[row_of[word] for word in cleaned.split() if word in row_of] for cleaned in texts.cleaned]
        targets = torch.from_numpy(texts.targets)
        return cls([np.array(row, dtype=np.int64) for row in rows], targets if targets.ndim == 1 else targets.float())

    def pick(self, positions: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the rows of these texts in one, where each text begins in them, and the targets."""
        rows = [self.rows[position] for position in positions]
        starts = np.cumsum([0, *map(len, rows[:-1])])
        return torch.from_numpy(np.concatenate(rows)), torch.from_numpy(starts), self.targets[positions]


class _Training:
    """Layers that learn; the vectors are averaged before anything else, so the order of words says nothing."""

    def __init__(
        self, texts: _Texts, vectors: NDArray[np.float32], labels: int, parameters: EmbeddingParameters
    ) -> None:
        self._texts = texts
        self._batch = parameters.batch
        self._vectors = nn.EmbeddingBag.from_pretrained(torch.from_numpy(vectors), freeze=False, mode="mean")
        self._hidden = nn.Linear(vectors.shape[1], parameters.hidden)
        self._output = nn.Linear(parameters.hidden, labels)
        self._dropout = nn.Dropout(parameters.dropout)
        self._layers = nn.ModuleList([self._vectors, self._hidden, self._output, self._dropout])
        self._optimizer = torch.optim.Adam(self._layers.parameters(), lr=parameters.lr)
        self._loss_of = nn.CrossEntropyLoss() if texts.targets.ndim == 1 else nn.BCEWithLogitsLoss()

    def learn(self, positions: NDArray[np.int64]) -> None:
        """Go once through the texts at these positions, in an order drawn anew."""
        self._layers.train()
        drawn = positions[torch.randperm(len(positions)).numpy()]
        for batch in np.split(drawn, range(self._batch, len(drawn), self._batch)):
            self._optimizer.zero_grad()
            self._loss(batch).backward()
            self._optimizer.step()

    def mean_loss(self, positions: NDArray[np.int64]) -> float:
        """Return the mean loss of the texts at these positions."""
        self._layers.eval()
        with torch.no_grad():
            return float(self._loss(positions))

    def arrays(self) -> tuple[NDArray[np.float32], ...]:
        """Return what a Network holds beside its words, the hidden layer applied to each word."""
        with torch.no_grad():
            table = self._vectors.weight @ self._hidden.weight.T
            found = (table, self._hidden.bias, self._output.weight.T, self._output.bias)
            return tuple(tensor.numpy().copy() for tensor in found)

    def _loss(self, positions: NDArray[np.int64]) -> torch.Tensor:
        rows, starts, targets = self._texts.pick(positions)
        hidden = self._dropout(torch.tanh(self._hidden(self._dropout(self._vectors(rows, starts)))))
        return self._loss_of(self._output(hidden), targets)


def _best(
    training: _Training, learned: NDArray[np.int64], held_back: NDArray[np.int64], epochs: int
) -> tuple[NDArray[np.float32], ...]:
    """Learn until the texts held back are no longer answered better; return the arrays of the best epoch."""
    best, least, since = training.arrays(), math.inf, 0
    for epoch in range(1, epochs + 1):
        training.learn(learned)
        loss = training.mean_loss(held_back)
        if not math.isfinite(loss):
            raise DataError(f"the loss is no finite number after epoch {epoch}: give a smaller lr")
        since += 1
        if loss < least:
            best, least, since = training.arrays(), loss, 0
        if since == _PATIENCE:
            break
    return best


def _words(cleaned: Iterable[str], min_count: int) -> list[str]:
    """Return the words that so many texts hold, in the order of their first text."""
    counts = Counter(word for text in cleaned for word in dict.fromkeys(text.split()))
    words = [word for word, count in counts.items() if count >= min_count]
    if not words:
        raise DataError(f"nothing can be learned from these texts: no word stands in {min_count} of them (min_count)")
    return words


def _beginning(words: list[str], parameters: EmbeddingParameters, seed: int) -> tuple[list[str], NDArray[np.float32]]:
    """Return the words of the texts and the frequent ones of the file of vectors, and vectors (words, dimensions).

    Training does not touch what no text holds: such a word keeps its vector, and with it its likeness to others.
    """
    found: dict[str, Vector] = {}
    if parameters.vectors:
        path = Path(parameters.vectors)
        found = read_word_vectors(path, words, dimensions=parameters.dimensions, first=_FREQUENT)
    words = list(dict.fromkeys([*words, *(word for word in found if word.split() == [word])]))
    vectors = np.random.default_rng(seed).normal(0, _UNKNOWN, (len(words), parameters.dimensions)).astype(np.float32)
    rows = [row for row, word in enumerate(words) if word in found]
    if rows:
        pretrained = np.array([found[words[row]] for row in rows])
        vectors[rows] = pretrained * (_SPREAD / (float(pretrained.std(dtype=np.float64)) or 1.0))
    return words, vectors


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Let torch compute in one thread and draw from a seed, and leave both as they were."""
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
