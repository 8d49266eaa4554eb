"""Arrays of numpy's in files that may be damaged or made by anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from tokenize import TokenError

# numpy reads the head of an array as it would read a line of Python.
_BROKEN = (SyntaxError, TokenError, TypeError, AttributeError, MemoryError, OverflowError, RecursionError)


@contextmanager
def array_errors() -> Iterator[None]:
    """Raise as a ValueError, which says why, all that numpy raises of bytes that are no array."""
    try:
        yield
    except _BROKEN as error:
        raise ValueError(f"it holds no sound array ({error})") from error
