"""Spans, and how a place in an edited text leads back to the text it was made from.

Offsets count Unicode code points.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int


class Edit(NamedTuple):
    """`source[source_span]` was replaced by `edited[edited_span]`; either may be empty."""

    source: Span
    edited: Span


@dataclass(frozen=True)
class Alignment:
    """The edits between a source text and an edited text, in order and without overlap.

    What lies between two edits is the same in both texts.
    """

    edits: tuple[Edit, ...] = ()

    def to_source(self, span: Span) -> Span:
        """Return the part of the source that became `span`; an edit that is touched counts whole."""
        return Span(self._start_in_source(span.start), self._end_in_source(span.end))

    def _start_in_source(self, position: int) -> int:
        # The last edit that ends at or before the position moves it; one that covers it swallows it.
        index = bisect_right(self.edits, position, key=_edited_start) - 1
        if index < 0:
            return position
        source, edited = self.edits[index]
        return source.start if position < edited.end else position - edited.end + source.end

    def _end_in_source(self, position: int) -> int:
        index = bisect_left(self.edits, position, key=_edited_start) - 1
        if index < 0:
            return position
        source, edited = self.edits[index]
        return source.end if position <= edited.end else position - edited.end + source.end


def _edited_start(edit: Edit) -> int:
    return edit.edited.start


class Editor:
    """Builds an edited text and its alignment piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._edits: list[Edit] = []
        self._source_length = 0
        self._edited_length = 0

    def keep(self, text: str) -> None:
        """Take over `text` unchanged."""
        self._pieces.append(text)
        self._source_length += len(text)
        self._edited_length += len(text)

    def replace(self, text: str, by: str) -> None:
        """Put `by` in place of `text`."""
        if text == by:
            self.keep(text)
            return
        source = Span(self._source_length, self._source_length + len(text))
        edited = Span(self._edited_length, self._edited_length + len(by))
        self._edits.append(Edit(source, edited))
        self._pieces.append(by)
        self._source_length, self._edited_length = source.end, edited.end

    def finish(self) -> tuple[str, Alignment]:
        """Return the edited text and its alignment with the source."""
        return "".join(self._pieces), Alignment(tuple(self._edits))
