"""Walks through the file of a fastText model before fastText opens it.

fastText believes the counts in a file: of one that is cut off or foreign it reads past the end, takes all memory or
never returns. Here every count is held against the bytes that there are. The layout is that of version 12, which
fastText has written since 2017 and BlazingText writes too.
"""

import struct
from typing import NamedTuple

import numpy as np

from sentigrade.errors import ModelFolderError
from sentigrade.labels import FASTTEXT_PREFIX, slug_of

# The label of training texts to which no label of a multi-label set applies: fastText learns nothing from a line
# without one. It is no slug, so no id can be like it.
NO_LABEL = "no-label"

_MAGIC, _VERSION = 793712314, 12
_SUPERVISED = 3
_LOSSES = {1: "hs", 3: "softmax", 4: "ova"}
# fastText walks over so many neighbours of each word or character: a header with more would take for ever.
_LONGEST_NGRAM = 100
# Far more than training leads to; sums of products of such numbers are still finite.
_LARGEST_WEIGHT = 1e9
_CENTROIDS = 256


class FastTextFile(NamedTuple):
    """What a file says of itself: its loss, and its labels in its order, without the prefix."""

    loss: str
    labels: tuple[str, ...]

    @property
    def ids(self) -> dict[str, str]:
        """The id of each label that an answer may hold."""
        return {label: slug_of(label) for label in self.labels if label != NO_LABEL}


class _Header(NamedTuple):
    dimensions: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    longest_subword: int


class _Dictionary(NamedTuple):
    labels: tuple[str, ...]
    rows: int  # of words, and of the n-grams that were kept
    pruned: bool


def read_layout(content: bytes, file: str) -> FastTextFile:
    """Return what the bytes of a supervised model say of it; errors name the `file`.

    Raises ModelFolderError for a file that is damaged, or of which fastText would make something else than a
    classifier.
    """
    walk = _Walk(content)
    try:
        header = _header(walk)
        dictionary = _dictionary(walk, header)
        quantised = walk.flag()
        if dictionary.pruned and not quantised:
            raise ValueError("words were taken out of it, but it is not quantised")
        _matrix(walk, quantised, header.dimensions, at_least=dictionary.rows)
        quantised_labels = walk.flag()
        rows = _matrix(walk, quantised and quantised_labels, header.dimensions, at_least=len(dictionary.labels))
        if rows != len(dictionary.labels) or not walk.ended:
            raise ValueError("it holds more than it says")
        layout = FastTextFile(_LOSSES[header.loss], dictionary.labels)
        _require_ids(layout)
    except (struct.error, IndexError):
        raise ModelFolderError(f"{file} ends too early: copy it again") from None
    except ValueError as error:
        raise ModelFolderError(f"{file} is not a model of fastText that can be used: {error}") from None
    return layout


def _require_ids(layout: FastTextFile) -> None:
    ids = set(layout.ids.values())
    if len(ids) < len(layout.ids):
        raise ValueError("two labels in it differ in case or punctuation alone")
    if len(ids) < 2:
        raise ValueError("it knows a single label, and a classifier needs two")


class _Walk:
    """The bytes of a file, read from front to back; raises struct.error or IndexError at their end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    def numbers(self, kinds: str) -> tuple[int, ...]:
        """Read numbers of these kinds, as `struct` calls them."""
        found = struct.unpack_from(f"<{kinds}", self._content, self._place)
        self._place += struct.calcsize(f"<{kinds}")
        return found

    def flag(self) -> bool:
        (value,) = self.numbers("B")
        if value > 1:
            raise ValueError("a yes or no in it is neither")
        return bool(value)

    def entry(self) -> tuple[bytes, int, int]:
        """Read a word of the dictionary, how often it occurred, and whether it is a label."""
        end = self._content.find(b"\0", self._place)
        if end < 0:
            raise IndexError
        word, self._place = self._content[self._place : end], end + 1
        count, kind = self.numbers("qb")
        return word, count, kind

    def skip(self, count: int) -> None:
        """Pass over bytes that may be anything."""
        if not 0 <= count <= len(self._content) - self._place:
            raise IndexError
        self._place += count

    def weights(self, count: int) -> None:
        """Pass over 32-bit weights; raises ValueError unless all are finite and no larger than training makes them."""
        start = self._place
        self.skip(4 * count)
        found = np.frombuffer(self._content, "<f4", count, start)
        # Written so that it is false of what is not a number, and without a copy.
        if not (found.min(initial=0) >= -_LARGEST_WEIGHT and found.max(initial=0) <= _LARGEST_WEIGHT):
            raise ValueError("a weight in it is no number, or beyond all reason")

    @property
    def ended(self) -> bool:
        return self._place == len(self._content)


def _header(walk: _Walk) -> _Header:
    if walk.numbers("ii") != (_MAGIC, _VERSION):
        raise ValueError(f"it does not begin as files of version {_VERSION} do")
    # In between: window, epochs, rarest word, negative samples, shortest subword, rate of updates, sampling.
    dimensions, *_, word_ngrams, loss, model, bucket, _, longest, _, _ = walk.numbers("12id")
    header = _Header(dimensions, word_ngrams, loss, model, bucket, longest)
    if model != _SUPERVISED:
        raise ValueError("it holds word vectors and no labels; train it with labels (supervised)")
    if loss not in _LOSSES:
        raise ValueError(f"its loss is none of {', '.join(sorted(_LOSSES.values()))}; train it with softmax or ova")
    if not (0 <= word_ngrams <= _LONGEST_NGRAM and 0 <= longest <= _LONGEST_NGRAM):
        raise ValueError("the lengths of its n-grams are beyond all reason")
    if bucket < 0 or (bucket == 0 and (word_ngrams > 1 or longest)):
        raise ValueError("it has n-grams, but no buckets for them")
    return header


def _dictionary(walk: _Walk, header: _Header) -> _Dictionary:
    size, words, labels, _, pruned = walk.numbers("iiiqq")
    if not (words >= 0 and labels > 0 and size == words + labels and pruned >= -1):
        raise ValueError("its dictionary counts wrongly")
    if any(kind != 0 for _, _, kind in (walk.entry() for _ in range(words))):
        raise ValueError("its dictionary has a label among the words")
    names, counts, kinds = zip(*(walk.entry() for _ in range(labels)), strict=True)
    if set(kinds) != {1}:
        raise ValueError("its dictionary has a word among the labels")
    if len(set(names)) < len(names):
        raise ValueError("it has a label twice")
    if _LOSSES[header.loss] == "hs":
        _require_tree(counts)
    if any(not 0 <= walk.numbers("ii")[1] < pruned for _ in range(pruned)):
        raise ValueError("an n-gram in it has no row")
    uses_ngrams = header.word_ngrams > 1 or header.longest_subword > 0
    ngrams = pruned if pruned >= 0 else header.bucket * uses_ngrams
    return _Dictionary(tuple(map(_label, names)), words + ngrams, pruned >= 0)


def _require_tree(counts: tuple[int, ...]) -> None:
    """Raise ValueError for counts of labels from which fastText could not build the tree of hierarchical softmax."""
    if not (list(counts) == sorted(counts, reverse=True) and counts[-1] >= 0 and sum(counts) < 10**15):
        raise ValueError("its labels are not in the order of how often they occurred")


def _label(name: bytes) -> str:
    label = name.decode("utf-8")
    if not label.startswith(FASTTEXT_PREFIX) or label == FASTTEXT_PREFIX:
        raise ValueError(f"a label in it is not called {FASTTEXT_PREFIX} and a name")
    return label.removeprefix(FASTTEXT_PREFIX)


def _matrix(walk: _Walk, quantised: bool, dimensions: int, *, at_least: int) -> int:
    """Pass over a matrix and return its number of rows."""
    shortened = walk.flag() if quantised else False  # to unit length, the lengths being kept apart
    rows, columns = walk.numbers("qq")
    if rows < at_least or columns != dimensions or dimensions < 1:
        raise ValueError("a matrix in it does not go with its words")
    if not quantised:
        walk.weights(rows * columns)
        return rows
    (codes,) = walk.numbers("i")
    walk.skip(codes)
    if codes != rows * _quantiser(walk, dimensions):
        raise ValueError("its compression does not go with its words")
    if shortened:
        walk.skip(rows)
        _quantiser(walk, 1)
    return rows


def _quantiser(walk: _Walk, dimensions: int) -> int:
    """Pass over what codes mean and return how many a row has."""
    covered, parts, width, last = walk.numbers("4i")
    if covered != dimensions or not 0 < last <= width or (parts - 1) * width + last != covered:
        raise ValueError("its compression does not go with its dimensions")
    walk.weights(covered * _CENTROIDS)
    return parts
