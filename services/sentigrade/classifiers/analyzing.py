"""How a fitted CountVectorizer reads a text: its words, and the tokens that they stand in."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from sentigrade.errors import ModelFolderError

_BLANK_SEPARATED = r"\S+"


class Analyzer:
    """The vectorizer's own idea of a word. `words(cleaned)` are a cleaned text's words, in order."""

    def __init__(self, state: dict[str, Any]) -> None:
        """Take the state of a fitted CountVectorizer; raises ModelFolderError for one with parts of its own."""
        _require_supported(state)
        self._lower = bool(state["lowercase"])
        self._stop_words = frozenset(state.get("stop_words") or ())
        self._pattern = re.compile(state["token_pattern"])
        self._is_plain = state["token_pattern"] == _BLANK_SEPARATED and not self._lower and not self._stop_words
        # A cleaned text is parted by single blanks, and then nothing is as fast as this.
        self.words: Callable[[str], list[str]] = str.split if self._is_plain else self._found_words

    def owned_words(self, tokens: Sequence[str]) -> tuple[list[str], Sequence[int]]:
        """Return the words of a text of cleaned tokens, and for each the number of the token that it starts in."""
        if self._is_plain:
            return list(tokens), range(len(tokens))
        starts = list(accumulate((len(self._folded(token)) + 1 for token in tokens), initial=0))
        found = [
            (word, bisect_right(starts, match.start()) - 1)
            for match in self._pattern.finditer(self._folded(" ".join(tokens)))
            # A group that takes no part is an empty word, as it is to findall.
            if (word := match[self._pattern.groups] or "") not in self._stop_words
        ]
        return [word for word, _ in found], [owner for _, owner in found]

    def _found_words(self, cleaned: str) -> list[str]:
        found: list[str] = self._pattern.findall(self._folded(cleaned))
        return [word for word in found if word not in self._stop_words]

    def _folded(self, text: str) -> str:
        return text.lower() if self._lower else text


def _require_supported(state: dict[str, Any]) -> None:
    custom = [name for name in ("tokenizer", "preprocessor", "strip_accents") if state.get(name) is not None]
    if state["analyzer"] != "word":
        custom.append("analyzer")
    if isinstance(state.get("stop_words"), str):
        custom.append("stop_words")
    if custom:
        raise ModelFolderError(f"a CountVectorizer with its own {', '.join(custom)} is not supported: clean instead")
    pattern = re.compile(state["token_pattern"])
    if pattern.groups > 1:
        raise ModelFolderError("a CountVectorizer whose token_pattern has several groups is not supported")
    if pattern.search(""):
        raise ModelFolderError("a CountVectorizer whose token_pattern finds words in nothing is not supported")
