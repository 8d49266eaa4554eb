"""Waits for what AWS does by itself, and says how far it is."""

from collections.abc import Callable, Collection
from time import monotonic, sleep

from sentigrade.errors import AwsUnreachable

# Told a line about how far things are.
Say = Callable[[str], object]

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 15.0
_MINUTE = 60.0
# Whoever has waited for an hour does not give up because a network is away for a while.
_LONGEST_OUTAGE = 300.0


def wait(  # noqa: PLR0913 - callers name each, and no two of them belong together
    look: Callable[[], str | None], *, what: str, while_: Collection[str], say: Say, at_most: float, again: str
) -> str | None:
    """Look again and again while the status is one of these, and return the one that comes after; None is no more.

    A new status is said, and once a minute how long it has lasted. Raises AwsUnreachable after `at_most` seconds, with
    `again` for a word on how to go on, and when AWS is away at the first look, or for minutes later.
    """
    started = changed = said = monotonic()
    shown, pause = None, _FIRST_PAUSE
    status = look()
    while status in while_:
        now = monotonic()
        if status != shown:
            shown, changed, said = status, now, now
            say(f"{what}: {status}")
        elif now - said >= _MINUTE:
            said = now
            say(f"{what}: {status} for {now - changed:.0f} s")
        if now + pause > started + at_most:
            raise AwsUnreachable(f"{what}: still {status} after {at_most:.0f} s; {again}")
        sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
        status = _looked(look, say)
    if shown is not None:
        say(f"{what}: {status or 'gone'} after {monotonic() - started:.0f} s")
    return status


def _looked(look: Callable[[], str | None], say: Say) -> str | None:
    """Look, and again while AWS does not answer, for some minutes."""
    started = monotonic()
    while True:
        try:
            return look()
        except AwsUnreachable as error:
            if monotonic() > started + _LONGEST_OUTAGE:
                raise
            say(f"{error}; asking again")
        sleep(_LONGEST_PAUSE)
