"""Objects in a folder."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from sentigrade.errors import StoreError
from sentigrade.manifest import digest_of
from sentigrade.store.objects import Advance, Content, Stored

# Held while an object is compared and written. The kernel takes it back from a process that dies.
_LOCK = ".lock"
_CHUNK_BYTES = 1024 * 1024


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
                        yield Stored(path.relative_to(self.root).as_posix(), facts.st_size, facts.st_mtime)

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

    def upload(self, key: str, path: Path, advance: Advance) -> None:
        """Copy a file into the store."""
        with self._mapped(), self._appearing(key) as unfinished:
            _copy(path, unfinished, advance)

    def download(self, key: str, path: Path, advance: Advance) -> None:
        """Copy a file out of the store."""
        with self._mapped():
            _copy(self.root / key, path, advance)

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
        """Give a path to write to; afterwards the file is on disk and takes the place of `key`."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.unfinished-{uuid4().hex}")
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


def _copy(source: Path, target: Path, advance: Advance) -> None:
    with source.open("rb") as reader, target.open("xb") as writer:
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
