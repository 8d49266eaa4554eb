"""The jobs that SageMaker starts: each leaves what it makes whole or not at all, and says why it did not.

The work itself is imported by the process that does it: this one has to answer signals from its first moment on.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from sentigrade.data.labelled_file import Columns
from sentigrade.errors import SettingError
from sentigrade.local_stack import StopRequest
from sentigrade.sagemaker.folders import SageMakerFolders, temporary_folder, writing
from sentigrade.sagemaker.hyperparameters import Hyperparameters, read_hyperparameters
from sentigrade.sagemaker.job import in_own_process, reported


def train(folders: SageMakerFolders) -> None:
    """Train on the channels and write the model folder; why that failed is in the folders' `failure`.

    Raises SettingError for hyperparameters and folders, DataError for channels that cannot be used.
    """
    stop = StopRequest()
    with reported(folders.failure), temporary_folder() as unfinished:
        hyperparameters = read_hyperparameters(folders.hyperparameters)
        with _empty_if_it_fails(folders.model):
            in_own_process("The training", partial(_train, folders, hyperparameters, Path(unfinished)), stop)


class Processing(NamedTuple):
    """What a processing job is to do: clean the labelled files in `source` as the model does, into `target`.

    Without a model the default profile cleans. `ordered` are the labels from worst to best, if they are grades.
    `form` is that of the files written: lines of fastText or of an augmented manifest.
    """

    source: Path
    target: Path
    model: str | None
    columns: Columns
    ordered: tuple[str, ...]
    form: Literal["fasttext", "manifest"] = "fasttext"


def process(job: Processing, message: Path) -> None:
    """Do a processing job; why it failed is in the file `message`.

    Raises SettingError for folders, DataError for files that cannot be used.
    """
    stop = StopRequest()
    with reported(message):
        if job.target.resolve().is_relative_to(job.source.resolve()):
            raise SettingError(f"{job.target} lies in {job.source}: write into a folder outside of the input")
        with _unfinished(job.target) as unfinished:
            in_own_process("The processing", partial(_process, job, unfinished), stop)


@contextmanager
def _empty_if_it_fails(folder: Path) -> Iterator[None]:
    """Require that a folder is empty, and leave it so when the block fails."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()  # found out before the work
        occupied = any(folder.iterdir())
    if occupied:
        raise SettingError(f"{folder} holds something already: the model needs an empty folder")
    try:
        yield
    except BaseException:
        for file in folder.iterdir():
            file.unlink()
        raise


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """Give a folder from which files can be renamed into `target`; it is removed in the end."""
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".unfinished-", dir=target)
    with folder:
        yield Path(folder.name)


def _train(folders: SageMakerFolders, hyperparameters: Hyperparameters, unfinished: Path) -> None:
    from sentigrade.sagemaker.training import train_on_channels  # noqa: PLC0415 - see above

    train_on_channels(folders, hyperparameters, unfinished)


def _process(job: Processing, unfinished: Path) -> None:
    from sentigrade.sagemaker.processing import clean_files  # noqa: PLC0415 - see above

    with writing(job.target):
        clean_files(job, unfinished)
