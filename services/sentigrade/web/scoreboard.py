"""What each worker does at this moment, in memory that all of them share.

A gauge of prometheus_client's is a file for each worker and a microsecond for each change. This is a byte for each
worker, made before the fork: a twentieth of that.
"""

import mmap
from collections import Counter
from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["web", "rows"]
ROLES: tuple[Role, ...] = get_args(Role)

# Far more than there are workers, also while several generations of them live.
_SLOTS = 16 * mmap.PAGESIZE
_GONE = 0


class Scoreboard:
    """A byte for each slot: nobody, an idle worker of a role, or a busy one."""

    def __init__(self) -> None:
        self._bytes = mmap.mmap(-1, _SLOTS)
        self._slot, self._idle, self._busy = 0, 1, 2

    def enter(self, slot: int, role: Role) -> None:
        """Take a slot; called in the worker, which is idle from now on."""
        self._slot = slot
        self._idle = 1 + 2 * ROLES.index(role)
        self._busy = self._idle + 1
        self.rest()

    def work(self) -> None:
        """Note that this worker is answering a request."""
        self._bytes[self._slot] = self._busy

    def rest(self) -> None:
        """Note that it is not."""
        self._bytes[self._slot] = self._idle

    def clear(self, slot: int) -> None:
        """Take out a worker that has ended; called in the master."""
        self._bytes[slot] = _GONE

    def workers(self) -> Mapping[Role, tuple[int, int]]:
        """Return how many workers of each role live, and how many of these are busy."""
        counts = Counter(self._bytes[:])
        return {
            role: (counts[idle] + counts[idle + 1], counts[idle + 1]) for idle, role in zip((1, 3), ROLES, strict=True)
        }
