"""What a model can be trained on: the treebank, or any labelled files."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sentigrade.data import sst5
from sentigrade.data.examples import Examples, repeat_key
from sentigrade.data.labelled_file import Columns, read_labelled_files
from sentigrade.data.labelling import NO_NAMES, absent_labels, examples_of, label_set_of, renamed
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

    def warnings(self) -> Iterator[str]:
        """Give a sentence for each thing that makes figures over a held-out part less than they seem."""
        learned = {repeat_key(text) for text in self.examples.texts} if self.held_out else set()
        for part in self.held_out:
            if seen := sum(repeat_key(text) in learned for text in part.texts):
                yield f"{part.name}: {seen:,} of its {len(part):,} texts are learned from too, which flatters the model"
            if absent := absent_labels(part, self.labels):
                yield f"{part.name} has no text of {', '.join(absent)}: it says nothing about that"


def read_treebank(folder: Path) -> Source:
    """Read a folder with the Stanford Sentiment Treebank; raises DataError when it is not there."""
    if not sst5.is_sst5(folder):
        raise DataError(f"{folder} holds neither train.txt (Penn trees) nor train_phrases.tsv.gz")
    parts = (sst5.read_held_out(folder, split) for split in ("dev", "test"))
    return Source(FIVE_LEVELS, sst5.read_train(folder), [part for part in parts if part], _SST5_LICENSE, _REVIEWS)


def read_files(
    paths: Sequence[Path], columns: Columns, ordered: Sequence[str], *, name: str, names: Mapping[str, str] = NO_NAMES
) -> Source:
    """Read labelled files as one, the labels ordered from worst to best if they are grades.

    `names` are display names of what the files call a label; `ordered` speaks of display names. Raises DataError for
    what cannot be read and for labels that cannot be used.
    """
    rows = read_labelled_files(paths, columns)
    labels = label_set_of(rows, columns, ordered=ordered, names=names)
    return Source(labels, examples_of(renamed(rows, names), labels, name=name), [], None, AS_ONE_TEXT)


def read_to_measure(path: Path, columns: Columns, labels: LabelSet) -> Examples:
    """Read texts to measure a model of these labels on: a labelled file, or the treebank's dev or test part.

    Raises DataError for what cannot be read, for labels that the model does not have and for flags that say nothing of
    one that it has.
    """
    part = path.name.partition(".")[0]
    if part not in ("dev", "test") or not sst5.is_sst5(path.parent):
        return read_rows_to_measure([path], columns, labels, name=path.name)
    examples = sst5.read_held_out(path.parent, part)
    if examples is None or labels.kind == "multilabel" or len(labels) != len(FIVE_LEVELS):
        raise DataError(f"{path} has the treebank's five levels, the model {len(labels)} labels")
    return examples


def read_rows_to_measure(paths: Sequence[Path], columns: Columns, labels: LabelSet, *, name: str) -> Examples:
    """Read labelled files as one to measure a model of these labels on; raises DataError as `read_to_measure` does."""
    if columns.flags:
        _require_flag_for_each(columns.flags, labels)
    several = columns.several or labels.kind == "multilabel"
    return examples_of(read_labelled_files(paths, columns._replace(several=several)), labels, name=name)


def _require_flag_for_each(flags: Sequence[str], labels: LabelSet) -> None:
    missing = [label for label in labels.items if label.id not in flags and label.name not in flags]
    if missing:
        raise DataError(f"no flag says whether the label {missing[0].name!r} of the model applies: name all of them")
