"""Takes the model out of the archive that BlazingText leaves, in memory: nothing is unpacked to a disk."""

import gzip
import io
import tarfile
import zlib

from sentigrade.errors import ModelFolderError

_MEMBER = "model.bin"
# Trained vectors hardly shrink; what unpacks to so many times its size is made to fill the memory.
_MOST_TIMES = 100
# What is raised of bytes that are no archive; tarfile calls itself for each name that is too long for a header.
_BROKEN = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, LookupError, OverflowError, RecursionError)


def model_in_archive(content: bytes, file: str) -> bytes:
    """Return the `model.bin` of a `.tar.gz`; errors name the `file`.

    Raises ModelFolderError for an archive that is damaged, holds none, or unpacks to far too much.
    """
    try:
        with _Bounded(content) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for member in archive:
                if member.isreg() and member.name.removeprefix("./") == _MEMBER:
                    model = _read(archive, member, unpacked.most)
                    unpacked.require_soundness()
                    return model
    except _BROKEN:
        raise ModelFolderError(f"{file} is not a sound .tar.gz: copy it again") from None
    except _TooLargeError:
        raise ModelFolderError(f"{file} unpacks to more than {_MOST_TIMES} times its size: not opened") from None
    raise ModelFolderError(f"{file} holds no {_MEMBER}: is it the artefact of BlazingText in supervised mode?")


class _TooLargeError(Exception):
    pass


class _Bounded(gzip.GzipFile):
    """Unpacked bytes, so many and no more."""

    def __init__(self, content: bytes) -> None:
        super().__init__(fileobj=io.BytesIO(content))
        self.most = 1024 * 1024 + _MOST_TIMES * len(content)
        self._given = 0

    def read(self, size: int | None = -1) -> bytes:
        """Read at most `size` bytes; raises _TooLargeError where there would be too many."""
        given = super().read(size)
        self._given += len(given)
        if self._given > self.most:
            raise _TooLargeError
        return given

    def require_soundness(self) -> None:
        """Read what is left, at whose end stands a checksum; raises OSError or EOFError when it is wrong."""
        while self.read(io.DEFAULT_BUFFER_SIZE):
            pass


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    # A sparse member may be far larger than the archive.
    if member.size > most:
        raise _TooLargeError
    file = archive.extractfile(member)
    content = file.read() if file else b""
    if len(content) != member.size:
        raise EOFError
    return content
