"""Several threads, or several processes forked from the one that loaded the model, are answered as one alone is."""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier as ProcessBarrier
from threading import Barrier

import pytest

from sentigrade.answer import Answer, Rejection
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer

_AT_ONCE = 4
_SECONDS = 30
_OPTIONS = Options(scores=True)

Outcomes = list[Answer | Rejection]


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let Python change threads a hundred times as often as it does."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(interval / 100)
    yield
    sys.setswitchinterval(interval)


def parted(texts: list[str]) -> list[list[str]]:
    return [texts[first::_AT_ONCE] for first in range(_AT_ONCE)]


@pytest.mark.usefixtures("hasty_threads")
def test_threads_get_what_each_would_get_alone(scorer: Scorer, texts: list[str]) -> None:
    barrier = Barrier(_AT_ONCE)

    def ask(part: list[str]) -> Outcomes:
        barrier.wait(_SECONDS)
        return [answer for text in part[:20] for answer in scorer.score([text], _OPTIONS)] + scorer.score(
            part, _OPTIONS
        )

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        together = list(pool.map(ask, parted(texts)))
    assert together == [scorer.score([*part[:20], *part], _OPTIONS) for part in parted(texts)]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # Python 3.12 warns of any thread, even of a server's
def test_forked_workers_answer_as_the_process_that_loaded_the_model(model: Model, texts: list[str]) -> None:
    scorer = Scorer(model, max_characters=1000).prepare()
    scorer.start()
    alone = [scorer.score(part, _OPTIONS) for part in parted(texts)]
    context = get_context("fork")
    started = (scorer, context.Barrier(_AT_ONCE))
    with ProcessPoolExecutor(_AT_ONCE, mp_context=context, initializer=_start, initargs=started) as pool:
        assert list(pool.map(_ask, parted(texts))) == alone
    assert [scorer.score(part, _OPTIONS) for part in parted(texts)] == alone


# A forked worker has its scorer from the process that forked it: nothing but texts and answers goes between them.
_worker: list[tuple[Scorer, ProcessBarrier]] = []


def _start(scorer: Scorer, barrier: ProcessBarrier) -> None:
    scorer.start()
    _worker.append((scorer, barrier))


def _ask(texts: list[str]) -> Outcomes:
    ((scorer, barrier),) = _worker
    barrier.wait(_SECONDS)  # so each of the workers has one part, and all are asked at once
    return scorer.score(texts, _OPTIONS)
