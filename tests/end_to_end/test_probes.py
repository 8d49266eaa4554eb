"""Whether the service is well can be asked while it works."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest

from tests.end_to_end.stack import ready
from tests.live import Reply, call

PROBES = ("/ping", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready")
# What SageMaker waits for an answer.
PATIENCE_SECONDS = 2
# Words that nobody has seen before keep a worker busy for seconds.
LONG_LIST = {"mytext": [" ".join(f"x{row}y{word}" for word in range(30)) for row in range(10_000)]}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a stack with a single worker for texts."""
    with ready(tmp_path_factory.mktemp("alone"), SENTIGRADE_WORKERS="1") as stack:
        yield stack.port


def test_probes_are_answered_in_time_while_the_only_worker_is_busy(port: int) -> None:
    with ThreadPoolExecutor() as pool:
        long = pool.submit(call, port, "POST", "/", LONG_LIST)
        slowest = dict.fromkeys(PROBES, 0.0)
        for path in cycle(PROBES):
            reply, seconds = timed(port, path)
            assert reply.status == 200
            slowest[path] = max(slowest[path], seconds)
            if long.done():
                break
        assert long.result().status == 200
    print(slowest)
    assert 0 < min(slowest.values()) <= max(slowest.values()) < PATIENCE_SECONDS


def timed(port: int, path: str) -> tuple[Reply, float]:
    begun = time.monotonic()
    reply = call(port, "GET", path)
    return reply, time.monotonic() - begun
