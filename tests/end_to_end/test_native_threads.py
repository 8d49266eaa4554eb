"""Whether each process of the service is one thread, and answers what many threads would."""

from pathlib import Path

import msgspec
import pytest

from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from sentigrade.trust import Trust
from sentigrade.wire.native import item_of
from tests.end_to_end.rows import sentence
from tests.end_to_end.stack import ready, workers
from tests.live import DEFAULT_MODEL, call

TEXTS = [sentence(number) for number in range(500)]


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def test_each_process_is_one_thread_and_answers_what_many_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    with ready(tmp_path) as stack:
        answers = call(stack.port, "POST", "/", {"mytext": TEXTS}).json["answers"]
        assert [threads(pid) for pid in (stack.gunicorn(), *workers(stack))] == [1, 1, 1, 1]
    scorer = Scorer(load_model(DEFAULT_MODEL, Trust()), max_characters=100_000)
    expected = [item_of(outcome, row) for row, outcome in enumerate(scorer.score(TEXTS))]
    assert answers == msgspec.json.decode(msgspec.json.encode(expected))
