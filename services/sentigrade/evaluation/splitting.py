"""A labelled file parted into texts to learn from and texts to ask about, no repeat of a text on both sides."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from sentigrade.data.examples import Examples
from sentigrade.data.labelled_file import Columns, LabelledRows, read_labelled_files
from sentigrade.data.labelling import absent_labels, examples_of, label_set_of
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import LabelSet


class Split(NamedTuple):
    """Where the two parts were written, how many rows each has, and how many of all rows repeat an earlier one."""

    train: Path
    test: Path
    train_rows: int
    test_rows: int
    repeats: int


def split_file(path: Path, columns: Columns, folder: Path, *, share: float, seed: int) -> Split:
    """Part a labelled file into NAME.train.jsonl and NAME.test.jsonl in a folder; the same for the same seed.

    `share` (0..1) of the different texts are for the test, as far as possible also of those of each label. Raises
    DataError for a file that cannot be parted so that both sides have each label, SettingError for outputs that exist.
    """
    name = Path(path.name.removesuffix(".gz")).stem
    train, test = (folder / f"{name}.{part}.jsonl" for part in ("train", "test"))
    for place in (train, test):
        if place.exists():
            raise SettingError(f"{place} is there already: give another folder")
    rows = read_labelled_files([path], columns)
    labels = label_set_of(rows, columns)
    examples = examples_of(rows, labels, name=path.name)
    learned, asked = split_positions(examples, labels, share=share, seed=seed)
    parts = {train: learned, test: asked}
    _write_all({place: _lines(rows, part, several=columns.multilabel) for place, part in parts.items()}, folder)
    repeats = len(examples) - len(np.unique(examples.groups))
    return Split(train, test, len(learned), len(asked), repeats)


def split_positions(
    examples: Examples, labels: LabelSet, *, share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions to learn from and those to ask about; no group is parted and each label is on both sides.

    Raises DataError where that cannot be.
    """
    counts = examples.different_texts(len(labels))
    if counts.min() < 2:
        rare = labels.names[counts.argmin()]
        raise DataError(f"the label {rare!r} has too few different texts for two parts ({counts.min()}): add some")
    groups, first = np.unique(examples.groups, return_index=True)
    strata = _strata(examples.labels[first], len(labels))
    try:
        _, asked = train_test_split(groups, test_size=share, stratify=strata, random_state=seed)
    except ValueError:  # fewer texts in a part than there are labels
        raise DataError(f"{len(groups)} different texts are too few to part them so: add some") from None
    in_test = np.isin(examples.groups, asked)
    parts = np.flatnonzero(~in_test), np.flatnonzero(in_test)
    for part, positions in zip(("train", "test"), parts, strict=True):
        _require_each_label(examples.pick(positions), labels, part, counts)
    return parts


def _strata(targets: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return (n,) what to part evenly: the label of a text, the rarest one of several, or `count` for none."""
    strata = targets
    if targets.ndim == 2:
        rarity = np.where(targets > 0, targets.sum(axis=0), np.iinfo(np.int64).max)
        strata = np.where(targets.any(axis=1), rarity.argmin(axis=1), count)
    sizes = np.bincount(strata)
    # One text alone cannot be on both sides.
    return np.where(sizes[strata] < 2, sizes.argmax(), strata)


def _require_each_label(examples: Examples, labels: LabelSet, part: str, counts: NDArray[np.int64]) -> None:
    absent = absent_labels(examples, labels)
    if absent:
        count = counts[labels.names.index(absent[0])]
        raise DataError(
            f"the label {absent[0]!r} has {count} different texts, none of them in the {part} part: "
            "give another --seed or --share, add texts or leave the label out"
        )


def _lines(rows: LabelledRows, positions: NDArray[np.int64], *, several: bool) -> Iterator[bytes]:
    for position in positions:
        labels = rows.labels[position]
        yield msgspec.json.encode({"text": rows.texts[position], "label": labels if several else labels[0]}) + b"\n"


def _write_all(files: Mapping[Path, Iterator[bytes]], folder: Path) -> None:
    """Write files that appear when all of them are whole."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder) as unfinished:
            for place, lines in files.items():
                with (Path(unfinished) / place.name).open("wb") as file:
                    file.writelines(lines)
            for place in files:
                (Path(unfinished) / place.name).replace(place)
    except OSError as error:
        raise SettingError(f"{folder} cannot be written to ({error.strerror})") from None
