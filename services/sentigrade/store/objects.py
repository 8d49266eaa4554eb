"""What a folder and an S3 bucket have in common: named byte strings, written by whoever comes first.

Everything that a model store does is built on these few calls (`catalogue`, `publishing`, `promoting`, `pruning`), so
it is the same in both.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

# Told how many bytes have come or gone since it was last told.
Advance = Callable[[int], object]


class Stored(NamedTuple):
    """An object's key, its size in bytes, and when it was written (seconds since 1970)."""

    key: str
    bytes: int
    modified: float


class Content(NamedTuple):
    """A small object's bytes, and a tag that changes whenever they do."""

    raw: bytes
    tag: str


class Objects(Protocol):
    """Objects below one root; keys are relative paths with slashes.

    Every method raises StoreUnreachable when the other side does not answer, StoreError when it refuses.
    """

    @property
    def address(self) -> str:
        """How people name this place: a folder, or s3://bucket/prefix."""
        ...

    def list(self, prefix: str) -> Iterator[Stored]:
        """Return the objects whose keys start with `prefix`: a folder and a slash, or nothing for all."""
        ...

    def read(self, key: str, *, at_most: int) -> Content | None:
        """Return a small object, None when there is none; raises StoreError when it is longer than `at_most`."""
        ...

    def write(self, key: str, raw: bytes, *, over: str | None) -> bool:
        """Write an object at once and for good, if it still has the tag `over`; None: if there is none yet.

        Returns whether it was written. Of many that write over the same tag one succeeds.
        """
        ...

    def upload(self, key: str, path: Path, advance: Advance) -> None:
        """Write an object from a file of any size."""
        ...

    def download(self, key: str, path: Path, advance: Advance) -> None:
        """Write an object of any size into a new file."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; those that are not there are none to delete."""
        ...
