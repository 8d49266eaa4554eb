"""From scores to probabilities.

A LinearSVC's scores are distances, not probabilities. A softmax over a small affine map of the scores, fitted on
scores of texts that the model has not seen, makes them honest (Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017: matrix scaling). It is numbers in the manifest, never a pickled object.
"""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`probabilities = softmax(scores @ weights + bias)`.

    `weights` is labels x labels, `bias` one number a label. Raises ValueError when the shapes do not fit together.
    """

    method: Literal["softmax"]
    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    fitted_on: str

    def __post_init__(self) -> None:
        if {len(row) for row in (*self.weights, self.bias)} != {len(self.weights)}:
            raise ValueError("calibration weights must be square and as wide as the bias")
        if not all(np.isfinite(row).all() for row in (*self.weights, self.bias)):
            raise ValueError("calibration numbers must be finite")


class Calibrator:
    """A calibration made ready to use."""

    def __init__(self, calibration: Calibration) -> None:
        self._weights = np.array(calibration.weights, dtype=np.float64)
        self._bias = np.array(calibration.bias, dtype=np.float64)

    def probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn scores (texts x labels) into probabilities of the same shape, each row summing to 1."""
        return softmax(scores @ self._weights + self._bias)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the softmax of each row; any finite logits are safe."""
    odds: NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    return odds
