"""The disk of this machine, for what must be whole before it can be read."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from sentigrade.errors import SpoolError


def spooled(folder: Path, fill: Callable[[BinaryIO], object]) -> BinaryIO:
    """Return what `fill` writes as a file without a name, at its start; closing it frees the disk.

    Raises SpoolError when nothing, or no more, can be written to the folder.
    """
    with ExitStack() as unfinished:
        try:
            file = cast("BinaryIO", unfinished.enter_context(TemporaryFile(dir=folder)))
            fill(file)
            file.seek(0)
        except OSError as error:
            raise SpoolError(
                f"{folder} has no room for a file of this job ({error.strerror}): set SENTIGRADE_SPOOL to another"
            ) from None
        unfinished.pop_all()
    return file
