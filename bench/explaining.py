"""What it takes to say which words moved an answer, inside the process."""

from collections.abc import Sequence
from time import perf_counter

from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer

ROUNDS = 9
_TEXTS = 2000
_MOST_CHARACTERS = 100_000


def measure_explaining(model: Model, sentences: Sequence[str]) -> list[float]:
    """Return, for each round, the microseconds that a text takes longer when its answer is explained.

    The two kinds get other sentences, so that each meets words that are new to it.
    """
    scorer = Scorer(model, max_characters=_MOST_CHARACTERS).prepare()
    scorer.start()
    texts = iter(sentences)
    added = []
    for number in range(ROUNDS):
        took = {}
        for explain in (False, True) if number % 2 else (True, False):
            took[explain] = _microseconds(scorer, [next(texts) for _ in range(_TEXTS)], Options(explain=explain))
        added.append(took[True] - took[False])
    return added


def _microseconds(scorer: Scorer, texts: Sequence[str], options: Options) -> float:
    started = perf_counter()
    for text in texts:
        scorer.score([text], options)
    return (perf_counter() - started) / len(texts) * 1e6
