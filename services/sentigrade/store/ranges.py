"""A file somewhere else, read block by block."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Returns the bytes from the first to the last offset, both included.
Fetch = Callable[[int, int], bytes]


class RangedFile(io.RawIOBase):
    """Reads what it is asked for and no more; behind a buffer, which makes blocks of it."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._offset = 0

    @classmethod
    def open(cls, fetch: Fetch, size: int, block_bytes: int) -> BinaryIO:
        """Return a file of `size` bytes that fetches blocks of `block_bytes`."""
        return io.BufferedReader(cls(fetch, size), block_bytes)

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return where the next byte comes from."""
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset; nothing is fetched yet."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset, io.SEEK_END: self._size}[whence]
        self._offset = max(0, start + offset)
        return self._offset

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer, or as much of it as there is."""
        view = memoryview(buffer)
        last = min(self._offset + len(view), self._size) - 1
        if last < self._offset:
            return 0
        content = self._fetch(self._offset, last)
        view[: len(content)] = content
        self._offset += len(content)
        return len(content)
