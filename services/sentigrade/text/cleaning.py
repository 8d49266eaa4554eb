"""The Cleaner: raw text -> cleaned text, the same in training and at every door."""

import hashlib
from collections.abc import Iterable, Sequence

from sentigrade.text.normalising import stages
from sentigrade.text.profile import CleaningProfile
from sentigrade.text.spans import Alignment, Span
from sentigrade.text.tokenising import Token, open_tokenizer

# Cleaned once at load: their digest shows a spaCy that cleans differently from the one at training.
_PROBES = (
    "It wasn't bad; I'd say 2 1/2 stars, e.g. for the well-made $10.5m finale!!! :-)",
    "<p>Caf&eacute; \u201cnoir\u201d\u2014d\u00e9j\u00e0 vu\u2026</p> NEVER again, can\u2019t re-watch it @ 9p.m.",
    "``Good'' -lrb- sic -rrb- , they 'd 've gone -- www.example.org \uff21\uff22 \ufb01lm \U0001f600",
)


class Cleaner:
    """Cleans texts by one frozen profile.

    A cleaned text is its tokens parted by single blanks. Raises SettingError when the profile asks for a spaCy
    pipeline that is not installed.
    """

    def __init__(self, profile: CleaningProfile) -> None:
        self.profile = profile
        self._stages = stages(profile)
        self._tokenizer = open_tokenizer(profile)

    def clean(self, texts: Sequence[str]) -> list[str]:
        """Return the cleaned texts, in order. Any string is accepted; an empty one stays empty."""
        return [self._clean_one(text) for text in texts]

    def _clean_one(self, text: str) -> str:
        for stage in self._stages:
            text = stage.apply(text)
        return self._tokenizer.clean(text)

    def tokens(self, text: str) -> list[Token]:
        """Return the tokens of the cleaned text, each with its span in the raw text (code points)."""
        alignments: list[Alignment] = []
        for stage in self._stages:
            edited = stage.apply(text)
            if edited != text:  # an edit in vain leads nowhere else
                edited, alignment = stage.align(text)
                alignments.append(alignment)
            text = edited
        if not alignments:
            return self._tokenizer.tokens(text)
        return [_in_raw(token, alignments) for token in self._tokenizer.tokens(text)]

    def warm(self, words: Iterable[str]) -> None:
        """Prepare for words that will be common. Call it before the workers fork, so that they share the memory."""
        self._tokenizer.warm(words)

    def fingerprint(self) -> str:
        """Return a sha256 that changes when this profile would clean differently, whatever the reason."""
        return hashlib.sha256("\n".join(self.clean(_PROBES)).encode()).hexdigest()


def token_count(cleaned: str) -> int:
    """Return how many tokens a cleaned text has."""
    return cleaned.count(" ") + 1 if cleaned else 0


def _in_raw(token: Token, alignments: Sequence[Alignment]) -> Token:
    span = Span(token.start, token.end)
    for alignment in reversed(alignments):
        span = alignment.to_source(span)
    return Token(token.text, *span)
