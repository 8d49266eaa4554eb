"""From scores to probabilities.

A LinearSVC's scores are distances, not probabilities. A softmax over a small affine map of the scores, fitted on
scores of texts that the model has not seen, makes them honest (Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017: matrix scaling). A linear model adds up words, so the scores of a long text are large for its
length alone and read as confidence that is not there; a second map, of the scores over the square root of the
length, takes that out. Calibration is numbers in the manifest, never a pickled object.
"""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sentigrade.labels import LabelSet


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`probabilities = softmax(scores @ weights + scores / sqrt(length) @ length_weights + bias)`.

    Of a multi-label set each label has a probability of its own: `sigmoid` takes the place of `softmax`.
    `weights` and `length_weights` are labels x labels, `bias` one number a label. Raises ValueError when the shapes
    do not fit together.
    """

    method: Literal["softmax", "sigmoid"]
    weights: tuple[tuple[float, ...], ...]
    length_weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    fitted_on: str

    def __post_init__(self) -> None:
        rows = (*self.weights, *self.length_weights, self.bias)
        if {len(self.weights), len(self.length_weights), *map(len, rows)} != {len(self.bias)}:
            raise ValueError("calibration weights must be square and as wide as the bias")
        if not all(np.isfinite(row).all() for row in rows):
            raise ValueError("calibration numbers must be finite")


def uncalibrated(labels: LabelSet, *, fitted_on: str) -> Calibration:
    """Return what makes probabilities of the scores as they are; `fitted_on` says why."""
    identity = np.eye(len(labels))
    return Calibration(
        method="sigmoid" if labels.kind == "multilabel" else "softmax",
        weights=tuple(map(tuple, identity.tolist())),
        length_weights=tuple(map(tuple, (0 * identity).tolist())),
        bias=(0.0,) * len(labels),
        fitted_on=fitted_on,
    )


class Calibrator:
    """A calibration made ready to use."""

    def __init__(self, calibration: Calibration) -> None:
        self._both_weights = np.hstack([calibration.weights, calibration.length_weights])
        self._bias = np.array(calibration.bias, dtype=np.float64)
        self._normalise = softmax if calibration.method == "softmax" else sigmoid

    def probabilities(
        self, scores: NDArray[np.float64], lengths: ArrayLike, shifts: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Turn scores (texts x labels) into probabilities of the same shape; those of alternatives sum to 1.

        `lengths` are the texts' numbers of tokens; an empty text counts as one. `shifts` (texts x labels) are added to
        the logits.
        """
        both, count = scores @ self._both_weights, len(self._bias)
        logits = both[:, :count] + both[:, count:] / _roots(lengths) + self._bias
        return self._normalise(logits if shifts is None else logits + shifts)


def with_length(scores: NDArray[np.float64], lengths: ArrayLike) -> NDArray[np.float64]:
    """Return what a calibration weighs, texts x 2 labels: the scores, and the scores over the root of the length."""
    return np.hstack([scores, scores / _roots(lengths)])


def _roots(lengths: ArrayLike) -> NDArray[np.float64]:
    roots: NDArray[np.float64] = np.sqrt(np.maximum(lengths, 1.0))
    return roots[:, np.newaxis]


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the softmax of each row; any finite logits are safe."""
    # The ufuncs' own reductions: for a single text the methods' wrappers take longer than the sums.
    odds: NDArray[np.float64] = np.exp(logits - np.maximum.reduce(logits, axis=1, keepdims=True))
    odds /= np.add.reduce(odds, axis=1, keepdims=True)
    return odds


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic function of each number; any finite logits are safe."""
    odds = np.exp(-np.abs(logits))
    probabilities: NDArray[np.float64] = np.where(logits < 0, odds, 1.0) / (1 + odds)
    return probabilities
