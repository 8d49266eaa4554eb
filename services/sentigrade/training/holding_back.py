"""Texts that are held back from learning, to say how well it goes."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit

from sentigrade.errors import DataError

_SHARE = 0.1


def hold_back(groups: NDArray[np.int64], *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of the texts to learn from and of those in the tenth of the groups held back.

    Raises DataError when there is but one group: the texts are all the same.
    """
    if len(np.unique(groups)) < 2:
        raise DataError("nothing can be learned from these texts: they are all the same")
    splitter = GroupShuffleSplit(1, test_size=_SHARE, random_state=seed)
    learned, held_back = next(splitter.split(groups, groups=groups))
    return learned, held_back
