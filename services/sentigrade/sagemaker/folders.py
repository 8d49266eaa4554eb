"""Where SageMaker puts things into a container, and where it looks for what came out."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

from sentigrade.errors import SettingError


class SageMakerFolders(NamedTuple):
    """The tree under /opt/ml; another root serves for trying it out."""

    root: Path = Path("/opt/ml")

    @property
    def model(self) -> Path:
        """The unpacked model.tar.gz of an endpoint; what a training job makes is packed from here."""
        return self.root / "model"

    @property
    def models(self) -> Path:
        """The unpacked models of a multi-model endpoint, each in a folder of its own."""
        return self.root / "models"

    @property
    def hyperparameters(self) -> Path:
        """The hyperparameters of a training job."""
        return self.root / "input" / "config" / "hyperparameters.json"

    @property
    def channels(self) -> Path:
        """The data of a training job, a folder for each channel."""
        return self.root / "input" / "data"

    @property
    def failure(self) -> Path:
        """Why a training job failed."""
        return self.root / "output" / "failure"

    @property
    def processing_input(self) -> Path:
        """What a processing job reads."""
        return self.root / "processing" / "input"

    @property
    def processing_output(self) -> Path:
        """What a processing job writes."""
        return self.root / "processing" / "output"

    @property
    def message(self) -> Path:
        """Why a processing job failed."""
        return self.root / "output" / "message"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what keeps the block from writing to a folder into a SettingError that names it."""
    try:
        yield
    except OSError as error:
        raise SettingError(f"{folder} cannot be written to ({error.strerror})") from None


def temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Make a folder for what is unfinished; raises SettingError where there is no place for it."""
    try:
        return tempfile.TemporaryDirectory(prefix="sentigrade-")
    except OSError as error:
        raise SettingError(f"no temporary file can be written ({error.strerror}): mount a tmpfs on /tmp") from None


def files_in(folder: Path) -> Iterator[Path]:
    """Give all files in a folder and below it; raises OSError for a folder that cannot be read."""
    for parent, _, names in os.walk(folder, onerror=_raise):  # Path.rglob would leave that out
        yield from (Path(parent, name) for name in names)


def _raise(error: OSError) -> NoReturn:
    raise error
