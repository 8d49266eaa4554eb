"""Bodies of rows, spooled whole to a file without a name: whatever ends this process, the disk is freed."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from flask import Request

from sentigrade.errors import MalformedRequest, SettingError, SpoolError
from sentigrade.settings import Settings

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# A body of up to so many bytes stays in memory.
_IN_MEMORY_BYTES = 1024 * 1024
_PART_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


def require_spool(folder: str) -> None:
    """Raise SettingError when no file can be made in the spool folder."""
    try:
        TemporaryFile(dir=folder).close()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise SettingError(f"SENTIGRADE_SPOOL: nothing can be written to {folder} ({reason})") from None


@contextmanager
def spooled(call: Request, settings: Settings) -> Iterator[BinaryIO]:
    """Give the body of a request as a file.

    A body that is too large is a 413, one that was cut off a MalformedRequest, no room for it a SpoolError.
    """
    with SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=settings.spool) as spool:
        body = cast("BinaryIO", spool)  # typed as one only from Python 3.11 on, and then as of text
        _fill(body, call, settings)
        yield cast("BinaryIO", BufferedReader(_Watched(body, _heartbeat(call)), _PART_BYTES))


def _fill(body: BinaryIO, call: Request, settings: Settings) -> None:
    """Write what is sent to a file; a body that is too large is a 413, one that was cut off a MalformedRequest."""
    call.max_content_length = settings.max_rows_bytes
    length = 0
    while part := call.stream.read(_PART_BYTES):
        length += len(part)
        _write(body, part, settings)
    if call.content_length is not None and length < call.content_length:
        raise MalformedRequest("The body ended before its last byte; send it again.")
    body.seek(0)


def _write(body: BinaryIO, part: bytes, settings: Settings) -> None:
    try:
        body.write(part)
    except OSError as error:
        reason = f"{settings.spool}: {os.strerror(error.errno or 0)}"
        _log.error("not spooled", extra={"fields": {"reason": reason}})
        raise SpoolError("There is no room for the body on this host; send fewer rows at a time.") from error


class _Watched(RawIOBase):
    """A file that lets somebody know of each look into it.

    Blank lines and rows that are too long keep a worker reading, and nothing to send comes of them: without a word the
    master would take it for dead.
    """

    def __init__(self, file: BinaryIO, heartbeat: Callable[[], None]) -> None:
        self._file = file
        self._heartbeat = heartbeat

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._heartbeat()
        length: int = self._file.readinto(buffer)  # type: ignore[attr-defined]  # any binary file has it
        return length

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)


def _heartbeat(call: Request) -> Callable[[], None]:
    """Return what tells the master that this worker is alive."""
    # gunicorn's name for the connection, which is of web/worker.py.
    connection = call.environ.get("gunicorn.socket")
    return connection.notify if connection else lambda: None
