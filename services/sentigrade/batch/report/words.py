"""The words that told, label by label."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from sentigrade.batch.report.legend import Entry, legend
from sentigrade.labels import LabelSet

_MOST_WORDS = 12


class Told(NamedTuple):
    """A label and the words that added most to it, the first of them first."""

    entry: Entry
    words: tuple[tuple[str, float], ...]

    @property
    def most(self) -> float:
        """What the first of them added."""
        return self.words[0][1]


def told_of(words: Mapping[str, Mapping[str, float]], labels: LabelSet, counts: Mapping[str, int]) -> tuple[Told, ...]:
    """Return what told, for the labels of the legend of which any word is known."""
    told = ((entry, _told(words.get(entry.labels[0], {}))) for entry in legend(labels, counts) if entry.is_one)
    return tuple(Told(entry, telling) for entry, telling in told if telling)


def _told(words: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple([item for item in words.items() if not _is_punctuation(item[0])][:_MOST_WORDS])


def _is_punctuation(word: str) -> bool:
    """Whether it is a full stop or the like, which a reader learns nothing from; an emoji is none."""
    return all(unicodedata.category(character)[0] in "PZC" for character in word)
