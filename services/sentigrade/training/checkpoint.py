"""What a training needs to go on after it was killed, in a file."""

from pathlib import Path
from time import monotonic
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch

from sentigrade.errors import DataError

_SUFFIX = ".checkpoint"


class Checkpoint:
    """A file in a folder; its name is that of one training, so that no other goes on from it."""

    def __init__(self, folder: Path, training: str, *, seconds: float = 60) -> None:
        """`training` tells trainings apart: a hash of all that one depends on. The next file is due after `seconds`."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"no checkpoints can be kept in {folder}: {error.strerror}") from None
        self._file = folder / f"{training}{_SUFFIX}"
        self._seconds = seconds
        self._written = monotonic()

    def read(self) -> dict[str, Any] | None:
        """Return what was written last, None when nothing was; raises DataError for a file that is damaged."""
        try:
            _require_whole(self._file)
            # Numbers and their names only: nothing in the file can run.
            state: dict[str, Any] = torch.load(self._file, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - what torch raises depends on where the file is damaged
            reason = str(error).partition("\n")[0]
            raise DataError(f"{self._file} cannot be read: remove it, to begin again ({reason})") from None
        return state

    def due(self) -> bool:
        """Whether the file is so old that it is time for the next."""
        return monotonic() - self._written >= self._seconds

    def write(self, state: dict[str, Any]) -> None:
        """Replace what was written; a process killed meanwhile leaves the old file."""
        unfinished = self._file.with_suffix(".unfinished")
        try:
            # A file of Python's, as torch's own would end the process where there is no room for it.
            with unfinished.open("wb") as file:
                torch.save(state, file)
            unfinished.replace(self._file)
        except (OSError, RuntimeError) as error:
            unfinished.unlink(missing_ok=True)
            raise DataError(f"{self._file} cannot be written: is there room for it? ({error})") from None
        self._written = monotonic()


def _require_whole(file: Path) -> None:
    """Raise BadZipFile where torch would read other numbers than were written."""
    with ZipFile(file) as archive:
        damaged = archive.testzip()
    if damaged:
        raise BadZipFile(f"{damaged} is damaged")


def remove_checkpoints(folder: Path) -> None:
    """Remove what trainings that have ended left in a folder."""
    for file in folder.glob(f"*{_SUFFIX}"):
        file.unlink(missing_ok=True)
