"""How sure a figure is: where it lies in samples of the same texts."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 1000
_DIGITS = 4

# How often each of n texts stands in a sample, (n,).
Times = NDArray[np.int64]


class Interval(NamedTuple):
    """Where a figure lies in 95 of 100 samples of as many texts."""

    low: float
    high: float


def intervals_of(figures: Callable[[Times], list[float]], count: int, *, seed: int = 0) -> list[Interval]:
    """Return the 95 % interval of each figure: percentiles over samples of `count` texts, drawn with replacement.

    `figures` computes them for a sample in which each text stands as many times as it was drawn; NaN is a figure that
    a sample does not have. Source: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    random = np.random.default_rng(seed)
    samples = (np.bincount(random.integers(count, size=count), minlength=count) for _ in range(_RESAMPLES))
    found = [figures(times) for times in samples]
    low, high = np.nanpercentile(found, (2.5, 97.5), axis=0).round(_DIGITS).tolist()
    return list(map(Interval, low, high))
