"""Requests of every kind, so that every panel has something to show."""

import json
import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice

from bench.open_loop import answers_at_rate
from tests.end_to_end.rows import CSV, NDJSON, ndjson, post_rows, sentence
from tests.end_to_end.stack import Stack, workers
from tests.live import call

LIST_TEXTS = 1000
_DISTINCT = 50
# In a request of its own each of these is answered by an error, or holds a text that is.
_MISTAKES: tuple[tuple[str, str, object], ...] = (
    ("GET", "/nowhere", None),
    ("DELETE", "/v1/predict", None),
    ("POST", "/v1/predict", b"{"),
    ("POST", "/v1/predict", {"mytext": 7}),
    ("POST", "/v1/predict", {"mytext": ["A fine film.", "A \0 film."]}),
)


def texts(per_second: float, seconds: float) -> Iterator[bytes]:
    """Return bodies of single texts for so long at such a rate."""
    bodies = [json.dumps({"mytext": sentence(number)}).encode() for number in range(_DISTINCT)]
    return islice(cycle(bodies), int(per_second * seconds))


def send(port: int, per_second: float, seconds: float) -> None:
    """Ask for single texts by the clock."""
    for _ in answers_at_rate(port, texts(per_second, seconds), per_second=per_second):
        pass


def other_kinds(port: int) -> None:
    """Ask by each other door, and make each mistake, once."""
    call(port, "GET", "/v1/predict?text=dull")
    call(port, "GET", "/v1/models")
    call(port, "POST", "/invocations", {"instances": ["A warm film.", "A dull one."]})
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["A warm film."]}
    call(port, "POST", "/v2/models/sentiment/infer", {"inputs": [tensor]})
    post_rows(port, ndjson(2000) + b"{\n", NDJSON)
    post_rows(port, b"text\nA warm film.\n", CSV)
    for method, path, body in _MISTAKES:
        call(port, method, path, body)


def storm(port: int, lists: int, *, callers: int = 100) -> int:
    """Send so many lists of 1,000 texts, as many at once as there are callers; return how many were turned away."""
    body = json.dumps({"mytext": [sentence(number) for number in range(LIST_TEXTS)]}).encode()
    answers = answers_at_rate(port, [body] * lists, per_second=1e6, connections=callers)
    return sum(answered.status == 503 for answered in answers)


def kill_a_worker(stack: Stack) -> None:
    """End one as the kernel would that needs its memory."""
    with suppress(ProcessLookupError):
        os.kill(random.choice(workers(stack)), signal.SIGKILL)  # noqa: S311 - nothing depends on which
