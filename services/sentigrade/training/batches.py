"""Windows of like length in batches, so that little of a batch is padding."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

# Sorting everything by length would put the same texts together in each epoch; sorting this many batches is enough.
_SORTED_TOGETHER = 64


class Rows(NamedTuple):
    """n windows of texts as numbers.

    tokens     for each window its tokens, at least one
    targets    (n,) positions of the labels, or (n, labels) of 0 and 1
    padding    the token that fills up shorter windows
    """

    tokens: Sequence[NDArray[np.int32]]
    targets: NDArray[np.int64]
    padding: int

    def lengths(self) -> NDArray[np.int64]:
        """Return (n,) numbers of tokens."""
        return np.array(list(map(len, self.tokens)), dtype=np.int64)


class Batch(NamedTuple):
    """Windows (texts, tokens), shorter ones padded; the mask is 1 for tokens and 0 for padding."""

    tokens: torch.Tensor
    mask: torch.Tensor
    targets: torch.Tensor

    def to(self, device: str) -> "Batch":
        """Return the batch on a device."""
        return Batch(*(tensor.to(device) for tensor in self))


def drawn_batches(
    lengths: NDArray[np.int64], positions: NDArray[np.int64], size: int, seed: tuple[int, int]
) -> list[NDArray[np.int64]]:
    """Return these positions in batches, in an order that the seed decides; `lengths` (n,) are all windows'."""
    chance = np.random.default_rng(seed)
    drawn = chance.permutation(positions)
    together = size * _SORTED_TOGETHER
    batches = []
    for start in range(0, len(drawn), together):
        batches += sorted_batches(lengths, drawn[start : start + together], size)
    return [batches[place] for place in chance.permutation(len(batches))]


def sorted_batches(lengths: NDArray[np.int64], positions: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    """Return these positions in batches, the shortest first."""
    ordered = positions[np.argsort(lengths[positions], kind="stable")]
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def padded(rows: Rows, positions: NDArray[np.int64]) -> Batch:
    """Return the windows at these positions as tensors."""
    windows = [rows.tokens[position] for position in positions]
    tokens = np.full((len(windows), max(map(len, windows))), rows.padding, dtype=np.int64)
    mask = np.zeros_like(tokens)
    for place, window in enumerate(windows):
        tokens[place, : len(window)] = window
        mask[place, : len(window)] = 1
    targets = torch.from_numpy(rows.targets[positions])
    return Batch(torch.from_numpy(tokens), torch.from_numpy(mask), targets if targets.ndim == 1 else targets.float())
