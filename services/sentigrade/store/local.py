"""Objects in a folder."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from sentigrade.errors import StoreError
from sentigrade.manifest import digest_of
from sentigrade.store.objects import Advance, Content, Stored

# Held while an object is compared and written. The kernel takes it back from a process that dies.
_LOCK = ".lock"
_CHUNK_BYTES = 1024 * 1024
_UNFINISHED = ".unfinished-"
# To create a file in a folder that others remove; the second nearly always succeeds.
_ATTEMPTS = 100


class LocalObjects:
    """A folder; each object is a file that appears whole, with its bytes on disk, or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def address(self) -> str:
        """The folder."""
        return str(self.root)

    def list(self, prefix: str) -> Iterator[Stored]:
        """Return the files below a folder; links are not followed."""
        for folder, _, names in os.walk(self.root / prefix, onerror=_raise):
            for name in names:
                path = Path(folder, name)
                with suppress(FileNotFoundError):  # it may have been renamed since
                    facts = path.lstat()
                    if stat.S_ISREG(facts.st_mode) and name != _LOCK:
                        yield _stored(path.relative_to(self.root).as_posix(), facts)

    def find(self, key: str) -> Stored | None:
        """Return a file's facts; those of what a link leads to."""
        with self._mapped():
            try:
                facts = (self.root / key).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return _stored(key, facts) if stat.S_ISREG(facts.st_mode) else None

    def read(self, key: str, *, at_most: int) -> Content | None:
        """Return a small file's bytes; its tag is their sha256."""
        with self._mapped():
            try:
                # Whoever waits for somebody to write into a pipe waits for long.
                with os.fdopen(os.open(self.root / key, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                    raw = file.read(at_most + 1) or b""
            except (FileNotFoundError, NotADirectoryError):
                return None
        if len(raw) > at_most:
            raise StoreError(f"{self.root / key} is longer than {at_most:,} bytes: not read")
        return Content(raw, digest_of(raw))

    def write(self, key: str, raw: bytes, *, over: str | None) -> bool:
        """Write a file under a lock that all writers of this store take."""
        with self._mapped(), self._locked():
            path = self.root / key
            current = digest_of(path.read_bytes()) if path.exists() else None
            if current != over:
                return False
            with self._appearing(key) as unfinished:
                unfinished.write_bytes(raw)
        return True

    def open(self, stored: Stored, *, block_bytes: int) -> BinaryIO:
        """Open a file; whether it has changed is seen now, and no more later."""
        with self._mapped():
            file = (self.root / stored.key).open("rb", buffering=block_bytes)
            if _stored(stored.key, os.fstat(file.fileno())).tag == stored.tag:
                return file
            file.close()
        raise StoreError(f"{self.root / stored.key} has changed since it was found")

    def write_stream(self, key: str, file: BinaryIO, advance: Advance) -> None:
        """Write a file from the bytes of another."""
        with self._mapped(), self._appearing(key) as unfinished, unfinished.open("wb") as writer:
            _copy(file, writer, advance)

    def upload(self, key: str, path: Path, advance: Advance) -> None:
        """Copy a file into the store."""
        with self._mapped(), path.open("rb") as file:
            self.write_stream(key, file, advance)

    def download(self, key: str, path: Path, advance: Advance) -> None:
        """Copy a file out of the store."""
        with self._mapped(), (self.root / key).open("rb") as reader, path.open("xb") as writer:
            _copy(reader, writer, advance)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete files, and the folders that they leave empty."""
        for key in keys:
            path = self.root / key
            with self._mapped():
                path.unlink(missing_ok=True)
                for folder in path.relative_to(self.root).parents[:-1]:
                    _remove_if_empty(self.root / folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _appearing(self, key: str) -> Iterator[Path]:
        """Give an empty file to write to; afterwards it is on disk and takes the place of `key`."""
        path = self.root / key
        unfinished = path.with_name(f".{path.name}{_UNFINISHED}{uuid4().hex}")
        _create(unfinished)
        try:
            yield unfinished
            _sync(unfinished)
            unfinished.replace(path)
            _sync(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"store {self.root}: {error.filename or ''} {error.strerror}") from None


def is_unfinished(key: str) -> bool:
    """Whether a file is one that somebody was writing; once they are gone, it is of no use."""
    name = key.rpartition("/")[2]
    return name.startswith(".") and _UNFINISHED in name


def _stored(key: str, facts: os.stat_result) -> Stored:
    return Stored(key, facts.st_size, facts.st_mtime, f"{facts.st_size}-{facts.st_mtime_ns}")


def _create(file: Path) -> None:
    """Create a file, and its folder, which goes while it is empty whenever others delete what was next to it."""
    for attempt in range(_ATTEMPTS):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(exist_ok=False)
        except (FileNotFoundError, FileExistsError):
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def _copy(reader: BinaryIO, writer: BinaryIO, advance: Advance) -> None:
    while chunk := reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        advance(len(chunk))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
            raise


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise StoreError(f"store: {error.filename} cannot be read ({error.strerror})")
