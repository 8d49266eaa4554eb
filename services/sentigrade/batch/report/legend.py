"""What the labels of a model look like on the page: their order, their colours, and which of them share one."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from sentigrade.batch.wording import counted
from sentigrade.labels import Label, LabelSet

# Of alternatives and of labels that apply side by side; more colours cannot be told apart, more columns not compared.
MOST_LABELS = 8
# Neighbours are far from each other, also for people who do not tell red from green.
_HUES = (185, 60, 270, 120, 350, 230, 90, 310)
_OTHERS = "var(--middle)"
_ACCENT = "var(--accent)"


class Entry(NamedTuple):
    """A label and its colour, or all those together that have none of their own."""

    name: str
    colour: str
    labels: tuple[str, ...]

    @property
    def is_one(self) -> bool:
        """Whether it is one label: of several that apply side by side, counts add up to no share of rows."""
        return len(self.labels) == 1

    def rows_in(self, counts: Mapping[str, int]) -> int:
        """Return to how many rows its labels were given, each of them counted by itself."""
        return sum(counts.get(label, 0) for label in self.labels)


def legend(labels: LabelSet, counts: Mapping[str, int]) -> tuple[Entry, ...]:
    """Return the entries of a label set: levels in their order, other labels by how often they were given."""
    if labels.kind == "ordinal":
        return tuple(Entry(label.name, _colour_of_level(label), (label.name,)) for label in labels.items)
    names = sorted(labels.names, key=lambda name: -counts.get(name, 0))
    # Bars that stand side by side need no colours to be told apart.
    colours = [_ACCENT] * MOST_LABELS if labels.kind == "multilabel" else [_colour_of_hue(hue) for hue in _HUES]
    entries = [Entry(name, colour, (name,)) for name, colour in zip(names, colours, strict=False)]
    return (*entries, *_others(names[MOST_LABELS:]))


def _others(names: Sequence[str]) -> tuple[Entry, ...]:
    """Return one entry for all that are left, if any are."""
    if not names:
        return ()
    return (Entry(names[0] if len(names) == 1 else counted(len(names), "other label"), _OTHERS, tuple(names)),)


def _colour_of_level(label: Label) -> str:
    """Return a colour between that of its side and that of the middle, the paler the nearer it is to neutral."""
    polarity = label.polarity or 0
    side = "var(--negative)" if polarity < 0 else "var(--positive)"
    hue = f"color-mix(in oklab, {side} {sqrt(abs(polarity)):.0%}, var(--middle))"
    return f"color-mix(in oklab, {hue} {0.5 + polarity**2 / 2:.0%}, var(--paper))"


def _colour_of_hue(hue: int) -> str:
    return f"oklch(var(--lightness) 0.1 {hue})"
