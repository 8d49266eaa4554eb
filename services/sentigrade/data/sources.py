"""What a model can be trained on: the treebank, or any labelled file."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sentigrade.data import sst5
from sentigrade.data.examples import Examples
from sentigrade.data.labelled_file import examples_of, label_set_of, read_labelled_file
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, LabelSet

_SST5_LICENSE = (
    "Trained on the Stanford Sentiment Treebank (Socher et al. 2013), published for research without an explicit "
    "licence: check its terms before other use."
)


class Source(NamedTuple):
    """Examples to learn from, and others to measure on."""

    labels: LabelSet
    examples: Examples
    held_out: list[Examples]
    license: str | None


def read_treebank(folder: Path) -> Source:
    """Read a folder with the Stanford Sentiment Treebank; raises DataError when it is not there."""
    if not sst5.is_sst5(folder):
        raise DataError(f"{folder} holds neither train.txt (Penn trees) nor train_phrases.tsv.gz")
    parts = (sst5.read_held_out(folder, split) for split in ("dev", "test"))
    return Source(FIVE_LEVELS, sst5.read_train(folder), [part for part in parts if part], _SST5_LICENSE)


def read_file(path: Path, text_column: str, label_column: str, ordered: Sequence[str]) -> Source:
    """Read a labelled file, the labels ordered from worst to best if they are grades."""
    rows = read_labelled_file(path, text_column=text_column, label_column=label_column)
    labels = label_set_of(rows, ordered=ordered)
    return Source(labels, examples_of(rows, labels, name=path.name), [], None)
