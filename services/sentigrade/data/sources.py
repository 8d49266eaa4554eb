"""What a model can be trained on: the treebank, or any labelled files."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sentigrade.data import sst5
from sentigrade.data.examples import Examples
from sentigrade.data.labelled_file import Columns, examples_of, label_set_of, read_labelled_files
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, LabelSet
from sentigrade.manifest import AS_ONE_TEXT, LongText

_SST5_LICENSE = (
    "Trained on the Stanford Sentiment Treebank (Socher et al. 2013), published for research without an explicit "
    "licence: check its terms before other use."
)


# Chosen on whole reviews by cross-validation: docs/long-texts.md.
_REVIEWS = LongText(
    aggregate="sentences",
    over_words=50,
    damping=0.4,
    evenness=0.5,
    tilt=3.0,
    fitted_on="whole reviews of the IMDB training set",
)


class Source(NamedTuple):
    """Examples to learn from, others to measure on, and how a model of them reads long texts."""

    labels: LabelSet
    examples: Examples
    held_out: list[Examples]
    license: str | None
    long_text: LongText


def read_treebank(folder: Path) -> Source:
    """Read a folder with the Stanford Sentiment Treebank; raises DataError when it is not there."""
    if not sst5.is_sst5(folder):
        raise DataError(f"{folder} holds neither train.txt (Penn trees) nor train_phrases.tsv.gz")
    parts = (sst5.read_held_out(folder, split) for split in ("dev", "test"))
    return Source(FIVE_LEVELS, sst5.read_train(folder), [part for part in parts if part], _SST5_LICENSE, _REVIEWS)


def read_files(paths: Sequence[Path], columns: Columns, ordered: Sequence[str], *, name: str) -> Source:
    """Read labelled files as one, the labels ordered from worst to best if they are grades."""
    rows = read_labelled_files(paths, columns)
    labels = label_set_of(rows, ordered=ordered)
    return Source(labels, examples_of(rows, labels, name=name), [], None, AS_ONE_TEXT)


def read_to_measure(path: Path, columns: Columns, labels: LabelSet) -> Examples:
    """Read texts to measure a model of these labels on: a labelled file, or the treebank's dev or test part.

    Raises DataError for what cannot be read and for labels that the model does not have.
    """
    part = path.name.partition(".")[0]
    if part not in ("dev", "test") or not sst5.is_sst5(path.parent):
        return examples_of(read_labelled_files([path], columns), labels, name=path.name)
    examples = sst5.read_held_out(path.parent, part)
    if examples is None or len(labels) != len(FIVE_LEVELS):
        raise DataError(f"{path} has the treebank's five levels, the model {len(labels)} labels")
    return examples
