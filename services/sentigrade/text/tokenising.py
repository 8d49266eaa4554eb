"""spaCy, kept fast and bounded.

A tokenizer without context (`blank:LANG`) treats each whitespace chunk on its own, so its result is cached by
chunk and spaCy only sees chunks that are new: about 3 us a sentence instead of 50. A whole pipeline
looks at the context and is asked for every text.
"""

import gc
import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import spacy

from sentigrade.errors import SettingError
from sentigrade.text.profile import CleaningProfile
from sentigrade.text.token_rules import TokenRules

if TYPE_CHECKING:
    from spacy.language import Language

# Some of spaCy's patterns take quadratic time on a long chunk such as ")))))...": longer ones are cut.
LONGEST_CHUNK = 256
# Chunks beyond this length hardly ever come back.
LONGEST_CACHED_CHUNK = 64
# Of the chunks that were not warmed the newest so many are remembered.
MOST_LEARNED_CHUNKS = 32_768
# Where the tokens of a chunk lie is asked for less often, and takes more memory.
MOST_PLACED_CHUNKS = 8_192
# spaCy's vocabulary never gives memory back (33 MB after a million words), so spaCy starts afresh after so many
# chunks: a pause of some 50 ms.
CHUNKS_BEFORE_RENEWAL = 32_768

# Most new words look like this, and seeing that takes a tenth of the time that spaCy takes. A full stop it cuts off
# small letters only.
_PLAIN_ENGLISH = re.compile(r"""(["(]?)([A-Za-z]+)('s|)([,;:!?]|(?<=[a-z])\.|\.{3}|)("?)""")

_CHUNK = re.compile(r"\S+")


class Token(msgspec.Struct, frozen=True, gc=False):
    """A cleaned token and its place in the text that was tokenised.

    A struct without the collector's care: an explanation makes one of each word, in a quarter of a tuple's time.
    """

    text: str
    start: int
    end: int


class Tokenizer(Protocol):
    """Cuts a normalised text into cleaned tokens."""

    def clean(self, text: str) -> str:
        """Return the cleaned tokens, parted by single blanks."""
        ...

    def tokens(self, text: str) -> list[Token]:
        """Return the same tokens with their spans."""
        ...

    def warm(self, words: Iterable[str]) -> None:
        """Learn words that will be common."""
        ...


def open_tokenizer(profile: CleaningProfile) -> Tokenizer:
    """Return the tokenizer of a profile; raises SettingError when its spaCy pipeline is not installed."""
    kind, _, language = profile.pipeline.partition(":")
    if kind == "whitespace":
        return WhitespaceTokenizer(profile)
    return ChunkTokenizer(profile, language) if kind == "blank" else PipelineTokenizer(profile)


class WhitespaceTokenizer:
    """Words are what stands between white space."""

    def __init__(self, profile: CleaningProfile) -> None:
        if profile.lemmas or profile.stop_words != "keep":
            raise SettingError("lemmas and stop words belong to a language: use blank:en or a spaCy pipeline")
        self._rules = TokenRules(profile, frozenset())

    def clean(self, text: str) -> str:
        """Return the cleaned tokens, parted by single blanks."""
        return " ".join(filter(None, map(self._rules, text.split())))

    def tokens(self, text: str) -> list[Token]:
        """Return the same tokens with their spans."""
        chunks = (Token(self._rules(match[0]), *match.span()) for match in _CHUNK.finditer(text))
        return [token for token in chunks if token.text]

    def warm(self, words: Iterable[str]) -> None:
        """Do nothing: there is nothing to learn."""


class ChunkTokenizer:
    """spaCy's tokenizer for one language, behind a cache of whitespace chunks. Safe to share between threads."""

    def __init__(self, profile: CleaningProfile, language: str) -> None:
        if profile.lemmas:
            raise SettingError("lemmas need an installed spaCy pipeline such as en_core_web_sm, not a blank one")
        self._language = language
        self._nlp = _blank(language)
        tokenizer: Any = self._nlp.tokenizer
        self._special_cases = frozenset(tokenizer.rules)
        self._rules = TokenRules(profile, frozenset(self._nlp.Defaults.stop_words))
        self._cache = _ChunkCache(self)
        self._place_cached = lru_cache(MOST_PLACED_CHUNKS)(self._place)
        self._asked = 0
        self._lock = Lock()

    def clean(self, text: str) -> str:
        """Return the cleaned tokens, parted by single blanks."""
        return " ".join(filter(None, map(self._cache.__getitem__, text.split())))

    def tokens(self, text: str) -> list[Token]:
        """Return the same tokens with their spans."""
        found: list[Token] = []
        past = 0
        for chunk in text.split():
            offset = text.index(chunk, past)
            past = offset + len(chunk)
            place = self._place_cached if len(chunk) <= LONGEST_CACHED_CHUNK else self._place
            for token, start, end in place(chunk):
                found.append(Token(token, offset + start, offset + end))
        return found

    def warm(self, words: Iterable[str]) -> None:
        """Learn words for good: they are never forgotten."""
        for word in words:
            self._cache.keep(word)

    def learn(self, chunk: str) -> str:
        """Clean a chunk that the cache does not hold, and remember it."""
        with self._lock:
            cleaned = " ".join(filter(None, (token for token, _, _ in self._split(chunk))))
            if len(chunk) <= LONGEST_CACHED_CHUNK:
                self._cache.remember(chunk, cleaned)
        return cleaned

    def _place(self, chunk: str) -> tuple[tuple[str, int, int], ...]:
        with self._lock:
            return tuple(piece for piece in self._split(chunk) if piece[0])

    def _split(self, chunk: str) -> Iterator[tuple[str, int, int]]:
        plain = _PLAIN_ENGLISH.fullmatch(chunk)
        if plain and self._is_cut_everywhere(plain):
            for start, end in plain.regs[1:]:
                if start < end:
                    yield self._rules(chunk[start:end]), start, end
            return
        if self._asked >= CHUNKS_BEFORE_RENEWAL:
            self._renew()
        self._asked += 1
        for offset in range(0, len(chunk), LONGEST_CHUNK):
            for token in self._nlp.tokenizer(chunk[offset : offset + LONGEST_CHUNK]):
                start = offset + token.idx
                yield self._rules(token.text), start, start + len(token.text)

    def _is_cut_everywhere(self, plain: re.Match[str]) -> bool:
        """Whether spaCy cuts off all the marks around an English word and leaves it whole."""
        # It does unless something on the way is a special case ("dont", "Mr.").
        chunk, start = plain[0], plain.start(2)
        left = (chunk[first:last] for first in {0, start} for last in {plain.end(part) for part in range(2, 6)})
        return self._language == "en" and len(chunk) < LONGEST_CHUNK and self._special_cases.isdisjoint(left)

    def _renew(self) -> None:
        self._nlp = _blank(self._language)
        self._asked = 0
        gc.collect()  # a pipeline refers to itself


class _ChunkCache(dict[str, str]):
    """Chunk -> its cleaned tokens, parted by blanks; asks the tokenizer for what it does not hold.

    What it has learned it forgets again, the oldest first and one at a time: emptying it at once would be a pause.
    """

    def __init__(self, tokenizer: ChunkTokenizer) -> None:
        super().__init__()
        self._tokenizer = tokenizer
        self._learned: deque[str] = deque()

    def __missing__(self, chunk: str) -> str:
        return self._tokenizer.learn(chunk)

    def remember(self, chunk: str, cleaned: str) -> None:
        """Hold a chunk until MOST_LEARNED_CHUNKS others have come."""
        self[chunk] = cleaned
        self._learned.append(chunk)
        if len(self._learned) > MOST_LEARNED_CHUNKS:
            self.pop(self._learned.popleft(), None)

    def keep(self, chunk: str) -> None:
        """Hold a chunk for good."""
        self[chunk]
        self._learned.clear()


class PipelineTokenizer:
    """An installed spaCy pipeline. Slow, and its vocabulary grows with every new word: for training and study."""

    def __init__(self, profile: CleaningProfile) -> None:
        if find_spec(profile.pipeline) is None:
            raise SettingError(
                f"spaCy pipeline {profile.pipeline} is not installed: install its package, or use blank:en"
            )
        # Names and phrase structure are not used; the tagger and its friends serve the lemmas.
        self._nlp: Language = spacy.load(profile.pipeline, exclude=["ner", "parser"])
        self._rules = TokenRules(profile, frozenset(self._nlp.Defaults.stop_words))
        self._lemmas = profile.lemmas
        self._lock = Lock()

    def clean(self, text: str) -> str:
        """Return the cleaned tokens, parted by single blanks."""
        return " ".join(token.text for token in self.tokens(text))

    def tokens(self, text: str) -> list[Token]:
        """Return the same tokens with their spans."""
        with self._lock:
            return [
                Token(cleaned, token.idx, token.idx + len(token.text))
                for token in self._nlp(text)
                if (cleaned := self._rules(token.lemma_ if self._lemmas else token.text))
            ]

    def warm(self, words: Iterable[str]) -> None:
        """Do nothing: what a pipeline makes of a word depends on its neighbours."""


def _blank(language: str) -> "Language":
    try:
        nlp = spacy.blank(language)
    except ImportError:
        raise SettingError(f"spaCy has no language {language}: use a code such as en") from None
    # Only the cuts between tokens are used: what else spaCy would work out of every new word is a third of its time.
    vocabulary: Any = nlp.vocab
    vocabulary.lex_attr_getters = {}
    return nlp
