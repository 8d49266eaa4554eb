"""What a process has open while it scores: the sink, and the input that it read last."""

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sentigrade.batch.compression import decompressed
from sentigrade.batch.formats.named import parse_file_name
from sentigrade.batch.formats.offsets import CHUNK_BYTES
from sentigrade.batch.job import Input
from sentigrade.batch.sink import Sink
from sentigrade.store.objects import Stored
from sentigrade.store.opening import open_store

_LEAST_BLOCK_BYTES = 1024 * 1024
_MOST_BLOCK_BYTES = 2 * CHUNK_BYTES


class Addresses(NamedTuple):
    """Where a job reads and writes, and where it has room on this machine's disk."""

    source: str
    sink: str
    spool: Path


class Opened:
    """Connections and files of one process; neither survives a fork."""

    def __init__(self, addresses: Addresses) -> None:
        self.sink = Sink(addresses.sink)
        self._objects = open_store(addresses.source, patient=True)
        self._spool = addresses.spool
        self._name = ""
        self._stack = ExitStack()

    def close(self) -> None:
        """Close the input."""
        self._stack.close()
        self._name = ""

    def file(self, surveyed: Input) -> BinaryIO:
        """Return the decompressed bytes of an input, to be read anywhere; the one before is closed."""
        if surveyed.name != self._name:
            self.close()
            self._file, self._name = self._open(surveyed), surveyed.name
        return self._file

    def _open(self, surveyed: Input) -> BinaryIO:
        # One block is one chunk, so that nothing is fetched in vain; but one with an endless row takes several.
        longest = max((chunk.end - chunk.start for chunk in surveyed.chunks), default=0)
        stored = Stored(surveyed.name, surveyed.size, 0, surveyed.tag)
        file = self._objects.open(stored, block_bytes=min(max(longest, _LEAST_BLOCK_BYTES), _MOST_BLOCK_BYTES))
        self._stack.enter_context(file)
        compression = parse_file_name(surveyed.name).compression
        return self._stack.enter_context(decompressed(file, compression, self._spool))
