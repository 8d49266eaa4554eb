"""Which requests are still worth answering: those that have waited for a worker too long are told to come back.

A worker answers one request at a time; the others wait in the socket's queue, in the order in which they came. When
more come than can be answered, that queue would grow until everybody waits for longer than anybody cares to. nginx
cannot bound it well: it counts requests, those of slow callers included, and a request may take 0.2 ms or 300 ms. So it
says when it had the whole of a request, and what matters is measured here: how long that one has waited.
"""

from time import monotonic, time

# Nobody is sent away who has waited for less, or for less than so many times as long as requests take here: eight
# callers of one worker who ask again once they are answered wait for seven, receiving and sending not counted.
LEAST_SECONDS = 0.15
PATIENCE = 10
# Nor before this worker has worked for so long without meeting anybody who had hardly waited. A machine that others
# share stands still now and then, and a worker is replaced: who waited meanwhile is answered sooner than sent back.
STANDING_SECONDS = 0.3
# That is for less than this, or than a request takes.
_HARDLY_SECONDS = 0.05
# The typical request is that of the last so many seconds of work, or of all of it while it is less: far less than what
# anybody is sent away after, so that by then it is known that lists come now in place of single texts.
_MEMORY_SECONDS = 0.1
_FIRST_SECONDS = 0.001

# nginx's clock is the same kernel's, but somebody may set it while a request waits.
_JUMP_SECONDS = 0.05
_DISTRUST_SECONDS = 30.0


class Admission:
    """What one worker knows of how long requests take and wait."""

    def __init__(self) -> None:
        self._typical = 0.0
        self._remembered = _FIRST_SECONDS
        self._worked = 0.0
        self._idle_since = monotonic()
        self._clock_ahead = time() - monotonic()
        self._distrusted_until = 0.0

    def wait(self, stamp: str) -> float | None:
        """Return the seconds since nginx wrote `stamp`, such as t=1760000000.123; None if that cannot be known."""
        now, steady = time(), monotonic()
        if self._has_jumped(now - steady):
            now, steady = time(), monotonic()  # a busy machine lets a process wait between two looks, but not twice
        if self._has_jumped(now - steady):
            self._distrusted_until = steady + _DISTRUST_SECONDS
        self._clock_ahead = now - steady
        if steady < self._distrusted_until:
            return None
        try:
            seconds = now - float(stamp[2:])
        except ValueError:
            return None
        # nginx gives no request so much time: then it is the clocks that differ.
        return max(0.0, seconds) if abs(seconds) < _DISTRUST_SECONDS else None

    def _has_jumped(self, ahead: float) -> bool:
        return abs(ahead - self._clock_ahead) > _JUMP_SECONDS

    def refuses(self, wait: float) -> bool:
        """Whether a request that has waited for so many seconds is too late."""
        # Whoever came while this worker was idle has waited for no work: the machine stood still.
        if wait < max(_HARDLY_SECONDS, self._typical, monotonic() - self._idle_since):
            self._worked = 0.0
        return self._worked > STANDING_SECONDS and wait > LEAST_SECONDS and wait > PATIENCE * self._typical

    def took(self, seconds: float) -> None:
        """Take note of a request that was answered in so many seconds of work."""
        self._idle_since = monotonic()
        self._worked += seconds
        self._remembered = min(_MEMORY_SECONDS, self._remembered + seconds)
        # The mean over time rather than over requests: one long list keeps others waiting, a thousand texts do not.
        self._typical += (seconds - self._typical) * min(1.0, seconds / self._remembered)
