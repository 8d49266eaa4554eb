"""What happens to one token, whatever stands around it."""

import re

from sentigrade.text.profile import CleaningProfile

NUMBER = "<num>"
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,:/][0-9]+)*(?:st|nd|rd|th|s)?", re.IGNORECASE)

# A stop list that removes these turns "not good" into "good".
NEGATIONS = frozenset(
    [
        "cannot",
        "n't",
        "neither",
        "never",
        "no",
        "nobody",
        "none",
        "noone",
        "nor",
        "not",
        "nothing",
        "nowhere",
        "without",
    ]
)


class TokenRules:
    """The per-token part of a profile: `rules(token)` is the cleaned token, or "" where it is dropped."""

    def __init__(self, profile: CleaningProfile, stop_words: frozenset[str]) -> None:
        """`stop_words` are the pipeline's, in lower case."""
        self._lower = profile.case == "lower"
        self._numbers = profile.numbers
        self._drop_punctuation = profile.punctuation == "drop"
        self._stop_words = {
            "keep": frozenset[str](),
            "drop": stop_words,
            "drop_but_negations": stop_words - NEGATIONS,
        }[profile.stop_words]

    def __call__(self, token: str) -> str:
        """Clean one token."""
        # A cleaned text parts its tokens by blanks, so a token holds none.
        token = "".join(token.split())
        if self._lower:
            token = token.lower()
        if self._numbers != "keep" and _NUMBER.fullmatch(token):
            return NUMBER if self._numbers == "mask" else ""
        if self._drop_punctuation and not any(map(str.isalnum, token)):
            return ""
        return "" if token.lower() in self._stop_words else token
