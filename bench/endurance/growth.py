"""Whether memory grows with the requests, each of which brings words that none before has brought."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from bench.endurance.stack import Memory, Stack
from bench.load import Load

UNSEEN_WORD = "~~~~~~~~"  # for load.lua
_WORDS = 3
_SLICE_SECONDS = 10


class Reading(NamedTuple):
    """The memory after so many requests."""

    requests: int
    memory: Memory


class Growth(NamedTuple):
    """The readings at half of the requests and at all of them, and how many were answered a second."""

    half: Reading
    whole: Reading
    per_second: float


def with_unseen_words(sentences: Sequence[str]) -> list[str]:
    """Return the sentences with some of their words exchanged for what becomes a new word in each request."""
    chance = random.Random(len(sentences))  # noqa: S311 - repeatable, not secret
    return [_with_unseen_words(sentence.split(), chance) for sentence in sentences]


def measure_growth(stack: Stack, load: Load, *, requests: int) -> Growth:
    """Send so many requests as fast as they are answered."""
    answered, microseconds, readings = 0, 0, []
    for goal in (requests // 2, requests):
        while answered < goal:
            sent = load.send(stack.contender, seconds=_SLICE_SECONDS)
            answered += sent.requests
            microseconds += sent.microseconds
        readings.append(Reading(answered, stack.memory()))
    half, whole = readings
    return Growth(half, whole, answered / microseconds * 1e6)


def _with_unseen_words(words: list[str], chance: random.Random) -> str:
    for place in chance.sample(range(len(words)), min(_WORDS, len(words))):
        words[place] = UNSEEN_WORD
    return " ".join(words)
