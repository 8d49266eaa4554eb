"""Scoring inside the process: what is left of a request when nothing serves it."""

from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

from bench.contenders import OURS, SCIKIT_LEARN
from bench.pickled_pipeline import pickled
from sentigrade.model import Model
from sentigrade.scorer import Scorer

ROUNDS = 7
_SINGLES = 1000
_LISTS = 4
_LIST_TEXTS = 1000
_MOST_CHARACTERS = 100_000


class Scoring(NamedTuple):
    """What one contender did in one round: microseconds for one text, texts a second in lists."""

    one_text_us: float
    texts_per_second: float


class Scorings(NamedTuple):
    """The rounds of ours and of scikit-learn."""

    ours: list[Scoring]
    scikit_learn: list[Scoring]

    def one_text_ratio(self) -> float:
        """Return how many times as long scikit-learn takes for one text, the median over the rounds."""
        return median(theirs.one_text_us / ours.one_text_us for ours, theirs in zip(*self, strict=True))

    def lists_ratio(self) -> float:
        """Return how many times as many texts ours answers in lists, the median over the rounds."""
        return median(ours.texts_per_second / theirs.texts_per_second for ours, theirs in zip(*self, strict=True))


def measure_scoring(model: Model, again: Model, sentences: Sequence[str]) -> Scorings:
    """Ask ours and scikit-learn in turn about sentences that neither has met.

    `again` is the same model, loaded once more: a cleaner that both share would know the second one's words.
    """
    scorers = {OURS: _scorer(model), SCIKIT_LEARN: _scorer(pickled(again))}
    rounds: dict[str, list[Scoring]] = {name: [] for name in scorers}
    texts = iter(sentences)
    for number in range(ROUNDS):
        singles = [next(texts) for _ in range(_SINGLES)]
        lists = [[next(texts) for _ in range(_LIST_TEXTS)] for _ in range(_LISTS)]
        for name in sorted(scorers, reverse=bool(number % 2)):
            rounds[name].append(_measure(scorers[name], singles, lists))
    return Scorings(rounds[OURS], rounds[SCIKIT_LEARN])


def _scorer(model: Model) -> Scorer:
    scorer = Scorer(model, max_characters=_MOST_CHARACTERS).prepare()
    scorer.start()
    return scorer


def _measure(scorer: Scorer, singles: Sequence[str], lists: Sequence[Sequence[str]]) -> Scoring:
    started = perf_counter()
    for text in singles:
        scorer.score([text])
    between = perf_counter()
    for texts in lists:
        scorer.score(texts)
    ended = perf_counter()
    return Scoring((between - started) / len(singles) * 1e6, sum(map(len, lists)) / (ended - between))
