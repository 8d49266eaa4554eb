"""The texts of the bench: distinct sentences, the same in every run."""

import random
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sentigrade.model import Model

# With them come more new words than the cleaner remembers before it starts afresh: where a run is longer than the
# list, and the sentences come again, their words are new again.
COUNT = 80_000

_GRAMMAR = Path(__file__).with_name("grammar.toml")
_SEED = 1337


class Description(NamedTuple):
    """What kind of sentences they are: how many, their mean length, the share of tokens unknown to a model."""

    distinct: int
    words: float
    unknown: float


class _Expansions(dict[str, str]):
    """Gives, for the name of a list of the grammar, any of its lines, expanded in turn."""

    def __init__(self, grammar: dict[str, list[str]], chance: random.Random) -> None:
        super().__init__()
        self._grammar = grammar
        self._chance = chance

    def __missing__(self, name: str) -> str:
        return self._chance.choice(self._grammar[name]).format_map(self)


def make_sentences() -> list[str]:
    """Return COUNT distinct sentences."""
    grammar = tomllib.loads(_GRAMMAR.read_text(encoding="utf-8"))
    expansions = _Expansions(grammar, random.Random(_SEED))  # noqa: S311 - repeatable, not secret
    distinct: dict[str, None] = {}
    while len(distinct) < COUNT:
        distinct[_capitalised(expansions["sentence"])] = None
    return list(distinct)


def describe(sentences: Sequence[str], model: Model) -> Description:
    """Describe sentences as `model` sees them."""
    known = set(model.classifier.words())
    tokens = [token for cleaned in model.cleaner.clean(sentences) for token in cleaned.split()]
    words = sum(len(sentence.split()) for sentence in sentences)
    unknown = sum(token not in known for token in tokens)
    return Description(len(set(sentences)), words / len(sentences), unknown / len(tokens))


def _capitalised(sentence: str) -> str:
    """Return the sentence with its first letter in upper case, which may stand behind a quotation mark."""
    first = 1 if sentence.startswith('"') else 0
    return sentence[:first] + sentence[first].upper() + sentence[first + 1 :]
