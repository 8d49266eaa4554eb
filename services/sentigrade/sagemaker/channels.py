"""The data of a training job: channels, each a folder of labelled files."""

from collections.abc import Sequence
from pathlib import Path

from sentigrade.data.examples import Examples
from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import Source, read_files, read_rows_to_measure, read_treebank
from sentigrade.data.sst5 import is_sst5
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet
from sentigrade.sagemaker.folders import files_in

TRAIN = "train"
HELD_OUT = ("validation", "test")


def read_training(channels: Path, columns: Columns, ordered: Sequence[str]) -> Source:
    """Read the channel `train`: the treebank, or labelled files; raises DataError when it is not there."""
    folder = channels / TRAIN
    if is_sst5(folder):
        return read_treebank(folder)
    return read_files(labelled_files(folder), columns, ordered, name=TRAIN)


def read_held_out(channels: Path, columns: Columns, labels: LabelSet) -> list[Examples]:
    """Read those of the channels `validation` and `test` that there are."""
    return [
        read_rows_to_measure(labelled_files(channels / channel), columns, labels, name=channel)
        for channel in HELD_OUT
        if (channels / channel).exists()
    ]


def labelled_files(folder: Path) -> list[Path]:
    """Return the files of a folder and of those below it, in the order of their names, but no hidden ones.

    Raises DataError when there are none, and for a folder that cannot be read.
    """
    try:
        found = list(files_in(folder)) if folder.is_dir() else []
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read ({error.strerror}): let everybody read the data") from None
    paths = sorted(path.relative_to(folder) for path in found if path.is_file())
    files = [folder / path for path in paths if not any(part.startswith(".") for part in path.parts)]
    if not files:
        raise DataError(f"{folder} holds no files that can be read: give it labelled ones, such as .csv or .jsonl")
    return files
