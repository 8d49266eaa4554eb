"""How far a job is: a bar on a terminal, a line every now and then anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import click
from tqdm import tqdm

_SECONDS_A_LINE = 10.0


# Is told how many more are done.
Advance = Callable[[int], object]


@contextmanager
def progress_of(what: str, total: int, done: int = 0) -> Iterator[Advance]:
    """Show on standard error how many of all are done, how many a second, and how long the rest will take."""
    if not sys.stderr.isatty():
        yield _Lines(what, total, done).advance
        return
    with tqdm(total=total, initial=done, unit=f" {what}", unit_scale=True) as bar:
        yield bar.update


class _Lines:
    def __init__(self, what: str, total: int, done: int) -> None:
        self._what = what
        self._total = total
        self._begun_with = self._done = done
        self._started = self._said = monotonic()

    def advance(self, count: int) -> None:
        self._done += count
        now = monotonic()
        if now - self._said >= _SECONDS_A_LINE:
            self._said = now
            speed = (self._done - self._begun_with) / (now - self._started)
            left = duration((self._total - self._done) / speed)
            click.echo(
                f"{self._done:,} of {self._total:,} {self._what}, {speed:,.0f} a second, about {left} left", err=True
            )


def duration(seconds: float) -> str:
    """Return a time for people, such as 1 h 05 min."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
