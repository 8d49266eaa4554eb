"""Folders in which a service runs out of room."""

import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from typing import Protocol

_MEGABYTES = 64
_FILE_BYTES = 256 * 1024


class Disk(Protocol):
    """Where the processes of a service write."""

    def fill(self, writers: Iterable[int]) -> None:
        """Leave no room for what these processes write, not even for 256 KiB in one file."""

    def make_room(self) -> None:
        """Leave room again."""


Making = Callable[[Path], AbstractContextManager[Disk]]


class _FileSystem:
    """It is full because something else lies there."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, writers: Iterable[int]) -> None:
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"-" * 4096)

    def make_room(self) -> None:
        self._filler.unlink()


class _Quota:
    """The kernel writes no more than the beginning of each file."""

    def __init__(self) -> None:
        self._writers: list[int] = []

    def fill(self, writers: Iterable[int]) -> None:
        self._writers = list(writers)
        self._bound(_FILE_BYTES)

    def make_room(self) -> None:
        self._bound(RLIM_INFINITY)

    def _bound(self, size: int) -> None:
        for pid in self._writers:
            prlimit(pid, RLIMIT_FSIZE, (size, RLIM_INFINITY))


@contextmanager
def file_system(folder: Path) -> Iterator[Disk]:
    """Make the folder a file system of its own, which takes a right that few have."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", folder], check=True)
    try:
        yield _FileSystem(folder)
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def quota(folder: Path) -> Iterator[Disk]:
    """Make the folder; what bounds its files takes no right."""
    folder.mkdir(parents=True)
    yield _Quota()


def possible_disks() -> list[Making]:
    """Return what this process has the right to make."""
    may_mount = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
    return [quota, *([file_system] if may_mount else [])]
