"""The files in which a worker counts, with room for what it will write.

prometheus_client makes them sparse and maps them. They lie in memory, and where that has run out, whoever writes to a
page for which there is no room is killed.
"""

import os
import tempfile
from pathlib import Path

_KINDS = ("counter", "histogram")
# What all our series take in one worker; what a caller cannot add to.
_BYTES = 128 * 1024


def room_for_counts(folder: Path, slot: int) -> Path:
    """Return the folder in which the worker of a slot can count: `folder`, or one on the disk where that is full.

    What is counted on the disk is told only by the workers that count there. Raises OSError when it is full as well.
    """
    try:
        _reserve(folder, slot)
    except OSError:
        folder = disk_folder(folder)
        folder.mkdir(exist_ok=True)
        _reserve(folder, slot)
    return folder


def disk_folder(folder: Path) -> Path:
    """Return the folder that stands in for one in memory."""
    return Path(tempfile.gettempdir()) / folder.name


def _reserve(folder: Path, slot: int) -> None:
    for kind in _KINDS:
        path = folder / f"{kind}_{slot}.db"
        if not path.exists():  # otherwise the slot's last worker has made it, and its counts go on
            _make(path)


def _make(path: Path) -> None:
    """Make a file that is never seen before it has its room: whoever scrapes cannot read an empty one."""
    unseen = path.with_suffix(".new")
    try:
        with unseen.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _BYTES)
        unseen.rename(path)
    except OSError:
        unseen.unlink(missing_ok=True)
        raise
