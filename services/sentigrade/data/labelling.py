"""From the labels that a file spells to a label set, and to examples whose labels are positions in one."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sentigrade.data.examples import Examples
from sentigrade.data.labelled_file import Columns, LabelledRows
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_labels, make_multilabel, slug_of

NO_NAMES: Mapping[str, str] = {}


def label_set_of(
    rows: LabelledRows, columns: Columns, *, ordered: Sequence[str] = (), names: Mapping[str, str] = NO_NAMES
) -> LabelSet:
    """Return a multi-label set if the columns say so, an ordinal one if `ordered` names the labels from worst to best.

    Otherwise it is nominal, except that labels with the names or ids of FIVE_LEVELS are these levels. `names` are the
    display names of what the file calls a label, `ordered` speaks of these; the ids are made of what the file says.
    Raises DataError for fewer than two labels, and for labels that `ordered` leaves out or `names` does not know.
    """
    require_no_order(columns, ordered)
    seen = {label for labels in rows.labels for label in labels}
    shown = _display_names(columns.flags or sorted(seen), names)
    if not (ordered or columns.multilabel) and set(shown) in (set(FIVE_LEVELS.names), set(FIVE_LEVELS.ids)):
        return FIVE_LEVELS
    try:
        labels = _make(ordered or list(shown), shown, columns, ordered=bool(ordered))
    except ValueError as error:
        raise DataError(f"these labels cannot be used: {error}") from None
    left_out = {names.get(label, label) for label in seen}.difference(labels.names, labels.ids)
    if left_out:
        named = "ordered ones" if ordered else "flags"
        raise DataError(f"the label {min(left_out)!r} is in the file but not among the {named}")
    if len(labels) < 2:
        raise DataError("the file has one label only; a classifier needs at least two")
    return labels


def require_no_order(columns: Columns, ordered: Sequence[str]) -> None:
    """Raise DataError when labels of which several may apply are to be levels, of which one does."""
    if ordered and columns.multilabel:
        raise DataError("labels of which several may apply have no order: say either which is better or that")


def renamed(rows: LabelledRows, names: Mapping[str, str]) -> LabelledRows:
    """Return rows whose labels have their display names."""
    return LabelledRows(rows.texts, [tuple(names.get(label, label) for label in labels) for labels in rows.labels])


def examples_of(rows: LabelledRows, labels: LabelSet, *, name: str) -> Examples:
    """Return the rows with labels as positions in `labels`.

    A label may be spelled as its name, its id or, where labels are levels, its level. Raises DataError for others, and
    for a text that has not exactly one where one is expected.
    """
    position = _positions(labels)
    unknown = next((label for spelled in rows.labels for label in spelled if label not in position), None)
    if unknown is not None:
        raise DataError(f"{name}: the label {unknown!r} is not known; the labels are {', '.join(labels.names)}")
    found = [{position[label] for label in spelled} for spelled in rows.labels]
    if labels.kind == "multilabel":
        return Examples.of_whole_texts(name, rows.texts, _flags(found, len(labels)))
    if any(len(positions) != 1 for positions in found):
        raise DataError(f"{name}: each text needs one label of {', '.join(labels.names)}; a text has none or several")
    return Examples.of_whole_texts(name, rows.texts, [positions.pop() for positions in found])


def absent_labels(examples: Examples, labels: LabelSet) -> list[str]:
    """Return the names of the labels that no text has."""
    counts = examples.different_texts(len(labels))
    return [name for name, count in zip(labels.names, counts, strict=True) if not count]


def _display_names(spelled: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return what the file calls each label, by display name."""
    unknown = sorted(set(names).difference(spelled))
    if unknown:
        raise DataError(f"names has the label {unknown[0]!r}, but no row has it: mend it or leave it out")
    shown = {names.get(label, label): label for label in spelled}
    if len(shown) < len(spelled):
        raise DataError("two labels have the same name: give each one of its own")
    return shown


def _make(names: Sequence[str], shown: Mapping[str, str], columns: Columns, *, ordered: bool) -> LabelSet:
    """Make the set of display names, of which `shown` says what the file calls them."""
    ids = [slug_of(shown.get(name, name)) for name in names]
    return make_multilabel(names, ids=ids) if columns.multilabel else make_labels(names, ordered=ordered, ids=ids)


def _positions(labels: LabelSet) -> dict[str, int]:
    levels = map(str, range(len(labels))) if labels.kind == "ordinal" else ()
    # Names last: where grades are named by numbers, the names are meant.
    return {
        spelling: index for spellings in (levels, labels.ids, labels.names) for index, spelling in enumerate(spellings)
    }


def _flags(found: Sequence[set[int]], count: int) -> NDArray[np.int64]:
    flags = np.zeros((len(found), count), dtype=np.int64)
    for row, positions in zip(flags, found, strict=True):
        row[list(positions)] = 1
    return flags
