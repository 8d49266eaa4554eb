"""How far a transfer is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tqdm import tqdm

from sentigrade.store.objects import Advance

# Given what is transferred and how many bytes it has, a context that is told of each part.
Progress = Callable[[str, int], AbstractContextManager[Advance]]


@contextmanager
def silently(_what: str, _total: int) -> Iterator[Advance]:
    """Show nothing."""
    yield lambda _count: None


@contextmanager
def bar(what: str, total: int) -> Iterator[Advance]:
    """Show a progress bar on standard error, if that is a terminal; a `total` of 0 is not known yet."""
    with tqdm(total=total or None, desc=what, unit="B", unit_scale=True, disable=None) as shown:
        yield shown.update
