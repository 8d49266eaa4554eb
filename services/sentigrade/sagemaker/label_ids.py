"""The ids of labels that become known row by row."""

from collections.abc import Sequence
from pathlib import Path

from sentigrade.data.labelled_file import LabelledRow
from sentigrade.errors import DataError
from sentigrade.labels import make_labels, slug_of


class LabelIds:
    """The ids of labels, which are words of fastText, by all that files call them."""

    def __init__(self, named: Sequence[str]) -> None:
        """`named` are the only labels, if there are any; raises DataError when they cannot be told apart."""
        try:
            labels = make_labels(named, ordered=False).items
        except ValueError as error:
            raise DataError(f"these labels cannot be used: {error}") from None
        self._named = tuple(label.id for label in labels)
        self._ids = {spelling: label.id for label in labels for spelling in (label.id, label.name)}

    def of(self, row: LabelledRow, file: Path) -> list[str]:
        """Return the ids of a row's labels; raises DataError for a label that has none of its own."""
        try:
            return [self._ids.get(label) or self._add(label) for label in row.labels]
        except ValueError as error:
            raise DataError(f"{file}, line {row.line}: {error}") from None

    def in_order(self) -> Sequence[str]:
        """Return the ids of all labels: as they were named, or else by what the files call them."""
        return self._named or [self._ids[spelling] for spelling in sorted(self._ids)]

    def _add(self, label: str) -> str:
        if self._named:
            raise ValueError(f"the label {label!r} is not among those that were named")
        label_id = slug_of(label)
        if label_id in self._ids.values():
            raise ValueError(f"the label {label!r} and an earlier one have the same id, {label_id}: rename one of them")
        self._ids[label] = label_id
        return label_id
