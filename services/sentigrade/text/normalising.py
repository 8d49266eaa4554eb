"""From a raw text to the text that is tokenised: HTML, Unicode form, typography.

Each stage can edit a text in two ways: fast, or with an alignment that leads back to the unedited text. Both give
the same text (a property test holds that).
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import groupby
from typing import Literal, Protocol

from sentigrade.text.profile import CleaningProfile
from sentigrade.text.spans import Alignment, Editor

# Only names that HTML knows count as tags, so that "I <3 it" and "a <- b" stay. Tags inside a word vanish, the
# others part words. `[^<>]*` keeps the match linear on hostile input such as a million "<".
INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup "
    "tt u var wbr"
)
BLOCK_TAGS = (
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html iframe img input label legend li link main meta nav object ol option "
    "p pre script section select style summary table tbody td textarea tfoot th thead title tr ul video"
)
MARKUP = re.compile(
    rf"(?P<inline></?(?:{INLINE_TAGS.replace(' ', '|')})(?:\s[^<>]*)?/?>)"
    rf"|(?P<block></?(?:{BLOCK_TAGS.replace(' ', '|')})(?:\s[^<>]*)?/?>|<!--[^<>]*-->)"
    r"|&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});",
    re.IGNORECASE,
)

_PLAIN = {
    **dict.fromkeys(["``", "''", "“", "”", "„", "‟", "«", "»"], '"'),
    **dict.fromkeys(["‘", "’", "‚", "‛"], "'"),
    **dict.fromkeys(["–", "—", "―"], " -- "),
}
_TYPOGRAPHY = re.compile("|".join(map(re.escape, _PLAIN)))

# Sorting the marks that are piled on one letter takes quadratic time. No language piles up more than thirty (Unicode
# Standard Annex 15, "Stream-Safe Text Process").
_MOST_MARKS = 30
_MAY_PILE_MARKS = re.compile(rf"[^\x00-\x7f]{{{_MOST_MARKS + 1},}}")

# Normalising piece by piece is exact where a piece starts with ASCII: ASCII never joins what stands before it.
_MAY_CHANGE = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")


class Stage(Protocol):
    """One kind of edit."""

    def apply(self, text: str) -> str:
        """Return the edited text."""
        ...

    def align(self, text: str) -> tuple[str, Alignment]:
        """Return the edited text and the way back."""
        ...


class Substitution:
    """Replaces every match of a pattern."""

    def __init__(
        self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str], triggers: str | None = None
    ) -> None:
        """`triggers` are characters without which an ASCII text cannot match: a cheap look spares the search."""
        self._pattern = pattern
        self._replace = replace
        self._triggers = triggers

    def apply(self, text: str) -> str:
        """Return the text with every match replaced."""
        if self._triggers is not None and text.isascii() and not any(map(text.__contains__, self._triggers)):
            return text
        return self._pattern.sub(self._replace, text)

    def align(self, text: str) -> tuple[str, Alignment]:
        """Return the same text and its alignment."""
        editor = Editor()
        position = 0
        for match in self._pattern.finditer(text):
            editor.keep(text[position : match.start()])
            editor.replace(match[0], self._replace(match))
            position = match.end()
        editor.keep(text[position:])
        return editor.finish()


class FewMarks:
    """Keeps the first thirty of the marks that are piled on one letter."""

    def apply(self, text: str) -> str:
        """Return the text without the marks beyond."""
        if text.isascii() or not _MAY_PILE_MARKS.search(text):
            return text
        return "".join(kept for _, kept in self._pieces(text))

    def align(self, text: str) -> tuple[str, Alignment]:
        """Return the same text and its alignment."""
        editor = Editor()
        for piece, kept in self._pieces(text):
            editor.replace(piece, kept)
        return editor.finish()

    def _pieces(self, text: str) -> Iterator[tuple[str, str]]:
        for are_marks, characters in groupby(text, key=_joins):
            piece = "".join(characters)
            yield piece, piece[:_MOST_MARKS] if are_marks else piece


class UnicodeForm:
    """Brings a text into a Unicode normalisation form."""

    def __init__(self, form: Literal["NFC", "NFKC"]) -> None:
        self.apply: Callable[[str], str] = partial(unicodedata.normalize, form)

    def align(self, text: str) -> tuple[str, Alignment]:
        """Return the normalised text and its alignment, cut as fine as normalisation allows."""
        editor = Editor()
        position = 0
        for match in _MAY_CHANGE.finditer(text):
            editor.keep(text[position : match.start()])
            for piece in self._pieces(match[0]):
                editor.replace(piece, self.apply(piece))
            position = match.end()
        editor.keep(text[position:])
        return editor.finish()

    def _pieces(self, run: str) -> Iterator[str]:
        start = 0
        for position in range(1, len(run)):
            if not _joins(run[position]) and self._parts(run[start:position], run[position]):
                yield run[start:position]
                start = position
        yield run[start:]

    def _parts(self, before: str, character: str) -> bool:
        """Whether normalisation treats `before` and what starts with `character` apart."""
        return self.apply(before + character) == self.apply(before) + self.apply(character)


def stages(profile: CleaningProfile) -> tuple[Stage, ...]:
    """Return the edits that a profile asks for, in their order."""
    chosen: list[Stage] = []
    if profile.html == "strip":
        chosen.append(Substitution(MARKUP, _without_markup, triggers="<&"))
    if profile.unicode != "keep":
        chosen.append(FewMarks())
        chosen.append(UnicodeForm(profile.unicode))
    if profile.typography == "plain":
        chosen.append(Substitution(_TYPOGRAPHY, lambda match: _PLAIN[match[0]], triggers="`'"))
    return tuple(chosen)


def _without_markup(match: re.Match[str]) -> str:
    if match["inline"] is not None:
        return ""
    if match["block"] is not None:
        return " "
    return html.unescape(match[0])


@lru_cache(maxsize=4096)
def _joins(character: str) -> bool:
    """Whether the character, or what it decomposes to, is a mark on what stands before it."""
    return unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) != 0
