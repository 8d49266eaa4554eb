"""A model of fastText or BlazingText from elsewhere."""

from collections.abc import Collection, Sequence
from pathlib import Path

from sentigrade.classifiers.fasttext_layout import read_layout
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_labels, make_multilabel, slug_of
from sentigrade.store.blazingtext_archive import model_in_archive
from sentigrade.store.foreign import Adoption, Foreign
from sentigrade.store.reference import ARCHIVE_SUFFIX, FASTTEXT_SUFFIXES


def read_fasttext(content: bytes, file: str, adoption: Adoption) -> Foreign:
    """Return what a `.bin` or `.ftz` holds, or the `model.bin` of BlazingText's `model.tar.gz`.

    Raises ModelFolderError for any other file, ValueError for one whose labels must be given.
    """
    if file.endswith(ARCHIVE_SUFFIX):
        content = model_in_archive(content, file)
    layout = read_layout(content, file)
    suffix = Path(file).suffix
    return Foreign(
        family="fasttext",
        labels=_labels(layout.ids.values(), adoption, several=layout.loss == "ova"),
        file=f"model{suffix if suffix in FASTTEXT_SUFFIXES else '.bin'}",
        content=content,
        extra="fasttext",
    )


def _labels(ids: Collection[str], adoption: Adoption, *, several: bool) -> LabelSet:
    if several and adoption.ordered:
        raise ValueError("its labels apply independently of each other (one-vs-all), so they are no levels")
    if not several and not adoption.labels and sorted(ids) == sorted(FIVE_LEVELS.ids):
        return FIVE_LEVELS
    names, ids = _named(sorted(ids, key=_in_order), adoption.labels)
    return make_multilabel(names, ids=ids) if several else make_labels(names, ordered=adoption.ordered, ids=ids)


def _named(ids: Sequence[str], given: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return names and their ids; names that are the labels' own may come in any order."""
    own = [slug_of(name) for name in given]
    if given and len(given) != len(ids):
        raise ValueError(f"it was trained with {len(ids)} labels ({', '.join(ids)}), not {len(given)}")
    return (given or ids), (own if sorted(own) == sorted(ids) else ids)


def _in_order(label: str) -> tuple[int, str]:
    """Sort numbers by what they are worth."""
    return (int(label) if label.isdecimal() else 0, label)
