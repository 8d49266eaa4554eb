"""Until when an answer is of use: whoever waits for another machine gives up then, before it is given up itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """In the block answers are of use for so many seconds; None means that they always are."""
    token = _deadline.set(None if seconds is None else monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float | None:
    """Return for how many seconds an answer is still of use, 0 if it no longer is; None if there is no such time."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - monotonic())
