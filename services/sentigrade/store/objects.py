"""What a folder and an S3 bucket have in common: named byte strings, written by whoever comes first.

Everything that a model store does is built on these few calls (`catalogue`, `publishing`, `promoting`, `pruning`), so
it is the same in both.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

# Told how many bytes have come or gone since it was last told.
Advance = Callable[[int], object]


class Stored(NamedTuple):
    """An object's key, its size in bytes, when it was written (seconds since 1970) and a tag of what it holds.

    The tag changes whenever the object does; that of a file is its size and when it was written, and so only as good as
    the clock of its disk.
    """

    key: str
    bytes: int
    modified: float
    tag: str


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

    def find(self, key: str) -> Stored | None:
        """Return what there is under a key, None when there is nothing."""
        ...

    def read(self, key: str, *, at_most: int) -> Content | None:
        """Return a small object, None when there is none; raises StoreError when it is longer than `at_most`."""
        ...

    def write(self, key: str, raw: bytes, *, over: str | None) -> bool:
        """Write an object at once and for good, if it still has the tag `over`; None: if there is none yet.

        Returns whether it was written. Of many that write over the same tag one succeeds.
        """
        ...

    def open(self, stored: Stored, *, block_bytes: int) -> BinaryIO:
        """Open an object of any size to read it anywhere, a block at a time; closing it is up to the caller.

        Reading raises what other methods raise, and StoreError once the object is no longer the one that was found.
        """
        ...

    def write_stream(self, key: str, file: BinaryIO, advance: Advance) -> None:
        """Write an object of any size, over the one that is there, from the bytes of a file until its end.

        It appears whole in the end or not at all.
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
