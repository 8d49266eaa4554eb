"""Bodies of a million bytes and more are answered by the workers for rows: nobody else waits for them."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.end_to_end.error_shapes import require_refusal
from tests.end_to_end.stack import ready
from tests.end_to_end.test_bad_connections import chunked, head
from tests.live import Reply, call, exchange, predict, wait_until

# So many bodies are with the workers for rows at once; the next one is told to come back.
MOST = 8
# Some tens of thousands of sentences, which take a third of a second.
TEXTS = ["A fine film about people. " * 3300] * 12
LARGE = {
    "/v1/predict": {"mytext": TEXTS},
    "/v2/models/sentiment/infer": {
        "inputs": [{"name": "text", "shape": [len(TEXTS)], "datatype": "BYTES", "data": TEXTS}]
    },
    "/invocations": {"instances": TEXTS},
}


def test_a_large_list_is_answered_like_any_other(port: int) -> None:
    texts = [f"Film number {number} is a good one. " * 4 for number in range(9000)]
    body = json.dumps({"mytext": texts}).encode()
    assert len(body) > 1_000_000
    reply = call(port, "POST", "/v1/predict", body)
    assert reply.status == 200
    answers = reply.json["answers"]
    assert len(answers) == len(texts)
    assert answers[-1] == predict(port, texts[-1]).json
    request = head("/v1/predict", "Transfer-Encoding: chunked") + chunked(body, 60_000)
    assert exchange(port, request).body == reply.body, "sent without a length"


def test_single_texts_and_probes_are_answered_beside_many_large_bodies_and_too_many_are_refused(tmp_path: Path) -> None:
    with ready(tmp_path) as stack, ThreadPoolExecutor(3 * MOST) as callers:
        pending = [
            callers.submit(partial(call, stack.port, "POST", path, json.dumps(body).encode()))
            for path, body in LARGE.items()
            for _ in range(MOST)
        ]
        wait_until(lambda: any(one.done() for one in pending), "the first refusal")
        answered = 0
        while not all(one.done() for one in pending[: MOST // 2]) and answered < 200:
            assert predict(stack.port, "A fine film.").status == 200
            assert call(stack.port, "GET", "/health/ready").status == 200
            answered += 1
        assert answered > 10
        by_path = {path: [one.result() for one in pending[i * MOST : (i + 1) * MOST]] for i, path in enumerate(LARGE)}
    replies = [reply for some in by_path.values() for reply in some]
    assert {reply.status for reply in replies} == {200, 503}
    assert sum(reply.status == 200 for reply in replies) >= MOST
    for path, some in by_path.items():
        for reply in filter(refused, some):
            require_refusal(reply, path, 503)
            assert reply.headers["Retry-After"]


def refused(reply: Reply) -> bool:
    return reply.status == 503
