"""Whether the service is well can be asked while it works."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.end_to_end.stack import ready
from tests.live import Reply, call

PROBES = ("/ping", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready")
# What SageMaker waits for an answer.
PATIENCE_SECONDS = 2
# Words that nobody has seen before keep a worker busy for seconds. A million bytes would go to a worker for rows.
LONG_LIST = json.dumps({"mytext": [" ".join(f"x{row}y{word}" for word in range(30)) for row in range(3_800)]}).encode()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a stack with a single worker for texts."""
    with ready(tmp_path_factory.mktemp("alone"), SENTIGRADE_WORKERS="1") as stack:
        yield stack.port


def test_probes_are_answered_in_time_while_the_only_worker_is_busy(port: int) -> None:
    assert len(LONG_LIST) < 1_000_000
    slowest = dict.fromkeys(PROBES, 0.0)
    with ThreadPoolExecutor(1 + len(PROBES)) as pool:
        long = pool.submit(call, port, "POST", "/", LONG_LIST)
        while not long.done():
            for path, (reply, seconds) in zip(PROBES, pool.map(partial(timed, port), PROBES), strict=True):
                assert reply.status == 200
                slowest[path] = max(slowest[path], seconds)
    assert long.result().status == 200
    print(slowest)
    assert 0 < min(slowest.values()) <= max(slowest.values()) < PATIENCE_SECONDS


def timed(port: int, path: str) -> tuple[Reply, float]:
    begun = time.monotonic()
    reply = call(port, "GET", path)
    return reply, time.monotonic() - begun
