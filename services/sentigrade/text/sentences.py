"""From a raw text to its sentences: spans of the text as it came, HTML and all.

One regular expression finds every place where a sentence could end; a look at what stands around it decides. The
abbreviations are English; a text in another language is only cut a little too often after its own.
"""

import re
from collections.abc import Iterator

from spacy.lang.en.tokenizer_exceptions import TOKENIZER_EXCEPTIONS

from sentigrade.text.normalising import BLOCK_TAGS, INLINE_TAGS
from sentigrade.text.spans import Span

# Without the "<" that opens them.
_INLINE_TAG = rf"/?(?:{INLINE_TAGS.replace(' ', '|')})(?:\s[^<>]*)?/?>"
_BLOCK_TAG = rf"/?(?:{BLOCK_TAGS.replace(' ', '|')})(?:\s[^<>]*)?/?>|!--[^<>]*-->"

# It begins with a set of characters, because only then does `re` skip quickly to the next one. Whatever follows may be
# missing, so nothing is tried twice: that keeps hostile input linear. Penn Treebank style has blanks around marks, as
# in "... the end . '' )"; a straight quote opens and closes alike, so with blanks on both sides it says nothing.
_PLACE = re.compile(
    rf"""
    [.!?…<\n]
    (?:
        (?<=[.!?…]) (?P<more> (?: \s?[.!?…] )* )
        (?P<closing> (?: ["'”’»)\]}}] | <{_INLINE_TAG} | \s (?:''|[”’»)\]}}]) (?=\s|\Z) )* )
        (?: (?= \s (?: [^\w,;:.!?…)\]}}<>&] | <{_INLINE_TAG} | &[a-z]+; )* (?P<next>[^\W_]) ) )?
    |   (?<=<) {_INLINE_TAG}
    |   (?P<block> (?<=<) (?:{_BLOCK_TAG}) | (?<=\n) (?:[^\S\n]*\n)+ )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WORD = re.compile(r"[^\W_]")
_ELLIPSIS = re.compile(r"…\Z|.\.\Z")

_ABBREVIATIONS = frozenset(word for word in TOKENIZER_EXCEPTIONS if word.endswith("."))
# What spaCy lacks, in any case (of its own "Ill." and "Mar." are words in small letters); and initials, but for "I."
_MORE_ABBREVIATIONS = re.compile(
    r"(?:capt|cf|col|dr|etc|jr|lt|mrs?|ms|prof|sgt|sr|st|vol|vs)\.|(?!i\.\Z)(?:[^\W\d_]\.)+", re.IGNORECASE
)
# More than any abbreviation has: so much of a text is looked at for the last word.
_LONG = 2 * max(map(len, _ABBREVIATIONS))
_ENUMERATOR = re.compile(r"\s*[0-9]{1,2}\.")
_OPENING = "\"'`“‘«([{-"


def split(text: str) -> list[Span]:
    """Return the spans of the sentences, in order.

    Every character but white space and block-level tags lies in exactly one of them, and each of them holds a letter
    or a digit if the text does: "!!!" or an emoji belongs to its neighbour.
    """
    spans: list[Span] = []
    start, joins = 0, False
    for end, following in _ends(text):
        piece = text[start:end].rstrip()
        core = piece.lstrip()
        if core:
            first, last = start + len(piece) - len(core), start + len(piece)
            wordless = not (core[0].isalnum() or _WORD.search(core))
            if spans and (joins or wordless):
                spans[-1] = Span(spans[-1].start, last)
                joins &= wordless
            else:
                spans.append(Span(first, last))
                joins = wordless
        start = following
    return spans


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence ends, white space aside, and where the next may begin."""
    start = 0
    for match in _PLACE.finditer(text):
        if match.lastgroup == "block":
            yield match.start(), match.end()
            start = match.end()
        elif match.lastgroup == "next" and _is_end(text, start, match):
            start = match.end()
            yield start, start
    yield len(text), len(text)


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether marks that a sentence could follow do end the one that begins at `start`."""
    more, closing, following = match.groups()[:3]
    mark, end = text[match.start()] + more, match.start() + 1 + len(more)
    if following.islower() and (closing or _ELLIPSIS.search(mark)):
        return False
    return mark != "." or not _is_abbreviated(text, start, end)


def _is_abbreviated(text: str, start: int, end: int) -> bool:
    """Whether the full stop before `end` belongs to its word."""
    word = text[max(start, end - _LONG) : end].rsplit(maxsplit=1)[-1].lstrip(_OPENING)
    if word in _ABBREVIATIONS or _MORE_ABBREVIATIONS.fullmatch(word):
        return True
    return _ENUMERATOR.fullmatch(text, start, end) is not None
