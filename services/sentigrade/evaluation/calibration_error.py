"""How far probabilities are from what happens, and how far perfect ones would seem to be."""

import numpy as np
from numpy.typing import NDArray

_BINS = 15
_DIGITS = 4


def calibration_error(probabilities: NDArray[np.float64], happened: NDArray[np.bool_]) -> float:
    """Return the gap between probability and frequency, averaged over 15 bins by their share; both are (n,)."""
    return _error(_bins(probabilities), probabilities, happened)


def expected_calibration_error(probabilities: NDArray[np.float64], random: np.random.Generator, *, draws: int) -> float:
    """Return what the error would be on average, were things to happen with exactly these probabilities (n,)."""
    bins = _bins(probabilities)
    chances = (random.random(len(probabilities)) for _ in range(draws))
    return float(np.mean([_error(bins, probabilities, chance < probabilities) for chance in chances]))


def reliability_bins(probabilities: NDArray[np.float64], happened: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Return mean probability, frequency and count of each bin that holds any, the least probable first."""
    bins = _bins(probabilities)
    counts = np.bincount(bins, minlength=_BINS)
    filled = counts > 0
    means, shares = (
        (np.bincount(bins, weights=values, minlength=_BINS)[filled] / counts[filled]).round(_DIGITS).tolist()
        for values in (probabilities, happened)
    )
    return list(zip(means, shares, counts[filled].tolist(), strict=True))


def _error(bins: NDArray[np.int64], probabilities: NDArray[np.float64], happened: NDArray[np.bool_]) -> float:
    gaps = np.bincount(bins, weights=happened - probabilities, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(probabilities))


def _bins(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin (of equal width) of each probability."""
    return np.minimum((probabilities * _BINS).astype(np.int64), _BINS - 1)
