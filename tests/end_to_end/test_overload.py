"""More is asked than can be answered: some callers are told at once to come back, the others are answered in time."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.parser import BytesHeaderParser
from http.client import HTTPMessage
from itertools import repeat, takewhile
from typing import Self

import pytest

from bench.connections import Answered
from bench.open_loop import answers_at_rate
from sentigrade.client import Client, Patience
from tests.background import Background
from tests.end_to_end.error_shapes import require_refusal
from tests.end_to_end.rows import sentence
from tests.end_to_end.stack import Stack, ready
from tests.live import Reply, call, predict, wait_until

TEXTS = 1000
TIMES_CAPACITY = 5
CAPACITY_LISTS = 20
REFUSALS = 500
PROBES = ("/ping", "/health/live", "/health/ready", "/v2/health/ready")
DOORS = {
    "/v1/predict": {"mytext": "A fine film."},
    "/v2/models/sentiment/infer": {
        "inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["A fine film."]}]
    },
    "/invocations": {"instances": ["A fine film."]},
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with a single worker for texts."""
    with ready(tmp_path_factory.mktemp("stack"), SENTIGRADE_WORKERS="1") as running:
        yield running


class Storm(Background):
    """Lists of texts by the clock, inside the block, several times as many as can be answered: some are refused."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.statuses = Counter[int]()
        self._port = stack.port
        self._body = json.dumps({"mytext": [sentence(number) for number in range(TEXTS)]}).encode()
        self._right = call(stack.port, "POST", "/v1/predict", self._body).body
        self._rate = TIMES_CAPACITY * self._capacity()

    def __enter__(self) -> Self:
        super().__enter__()
        self.wait_for_refusals(1)
        return self

    def wait_for_refusals(self, count: int) -> None:
        """Wait until so many requests were refused in all; one that fails ends the wait with its error."""
        self.wait_for(lambda: self.statuses[503] >= count, f"{count} refusals")

    def work(self) -> None:
        bodies = takewhile(lambda _: not self.ended.is_set(), repeat(self._body))
        for answered in answers_at_rate(self._port, bodies, per_second=self._rate):
            self._check(answered)
            self.statuses[answered.status] += 1

    def _check(self, answered: Answered) -> None:
        if answered.status == 200:
            assert answered.body == self._right
        else:
            require_overloaded(reply_of(answered), "/v1/predict")

    def _capacity(self) -> float:
        started = time.perf_counter()
        for _ in range(CAPACITY_LISTS):
            assert call(self._port, "POST", "/v1/predict", self._body).status == 200
        return CAPACITY_LISTS / (time.perf_counter() - started)


def reply_of(answered: Answered) -> Reply:
    headers = BytesHeaderParser(HTTPMessage).parsebytes(answered.head.partition(b"\r\n")[2])
    return Reply(answered.status, headers, answered.body)


def require_overloaded(reply: Reply, path: str) -> None:
    """A refusal in the shape of the path that says when to come back."""
    require_refusal(reply, path, 503)
    assert reply.headers["Retry-After"] == "1"
    assert b"overloaded" in reply.body or path.startswith("/v2")


def test_what_is_too_much_is_refused_and_the_rest_is_answered_right(stack: Stack) -> None:
    with Storm(stack) as storm:
        storm.wait_for_refusals(REFUSALS)
    print(storm.statuses)
    assert set(storm.statuses) == {200, 503}
    assert predict(stack.port, "A fine film.").status == 200


@pytest.mark.parametrize("path", DOORS)
def test_every_door_refuses_in_its_own_words(stack: Stack, path: str) -> None:
    with Storm(stack):
        replies: list[Reply] = []
        wait_until(lambda: ask(stack.port, path, replies).status == 503, f"a refusal of {path}")
    for reply in replies:
        assert reply.status in (200, 503)
    require_overloaded(replies[-1], path)


def ask(port: int, path: str, replies: list[Reply]) -> Reply:
    replies.append(call(port, "POST", path, DOORS[path]))
    return replies[-1]


def test_probes_are_answered_all_along(stack: Stack) -> None:
    with Storm(stack) as storm:
        seen = Counter[tuple[str, int]]()
        while storm.statuses[503] < REFUSALS:
            storm.require_no_error()
            seen.update((path, call(stack.port, "GET", path).status) for path in PROBES)
    assert set(seen) == {(path, 200) for path in PROBES}


def test_a_patient_client_gets_all_its_answers(stack: Stack) -> None:
    texts = [sentence(number) for number in range(4)]
    calm = [predict(stack.port, text).json["label"] for text in texts]
    patience = Patience(retries=1000, retry_seconds=1000)
    with (
        Storm(stack),
        Client(f"http://127.0.0.1:{stack.port}", patience=patience) as client,
        ThreadPoolExecutor() as callers,
    ):
        answers = list(callers.map(client.predict, texts))
    assert [answer.label for answer in answers] == calm
