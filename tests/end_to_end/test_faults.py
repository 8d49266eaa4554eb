"""Faults while callers ask: each request is answered, and answered right."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.processes import children
from sentigrade.errors import StoreUnreachable
from sentigrade.places import UNASKED
from sentigrade.store.opening import open_store
from sentigrade.store.promoting import promote
from sentigrade.store.publishing import publish
from tests.end_to_end.crowd import Crowd
from tests.end_to_end.stack import Stack, ready, workers
from tests.environment import set_variables
from tests.live import DEFAULT_MODEL, call, predict, wait_until
from tests.s3_server import s3_server

KILLS = 20
RELOADS = 4


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two workers for texts and one for rows; each test leaves it as well as it was."""
    with ready(tmp_path_factory.mktemp("stack")) as running:
        yield running


def test_workers_that_are_killed_cost_no_request(stack: Stack) -> None:
    """Whichever they are: for texts, or for rows, which answer probes as well."""
    seed = time.time_ns()
    print(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311 - not a secret
    with Crowd(stack.port) as crowd:
        for _ in range(KILLS):
            kill_and_wait(stack, chance.choice(workers(stack)))
            crowd.go_on()


def test_workers_that_are_exchanged_cost_no_request(stack: Stack) -> None:
    with Crowd(stack.port) as crowd:
        for _ in range(RELOADS):
            hang_up_and_wait(stack.gunicorn(), lambda: workers(stack))
            crowd.go_on()


@pytest.mark.parametrize("keeps_alive", [True, False], ids=["kept-alive", "a-connection-each"])
def test_an_nginx_that_reads_its_configuration_again_costs_no_request(stack: Stack, keeps_alive: bool) -> None:
    """Of what it may close, an idle connection, the caller learns before anything of an answer has come."""
    with Crowd(stack.port, keeps_alive=keeps_alive, most_tries=1 + keeps_alive) as crowd:
        for _ in range(RELOADS):
            hang_up_and_wait(stack.nginx(), lambda: children(stack.nginx()))
            crowd.go_on()


def test_a_store_that_goes_away_costs_no_request_and_is_followed_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server(tmp_path / "s3") as s3:
        set_variables(monkeypatch, s3.environ())
        for _ in range(2):
            publish(open_store(s3.store), DEFAULT_MODEL)
        settings = {"SENTIGRADE_STORE": s3.store, "SENTIGRADE_WATCH_SECONDS": "1", **s3.environ("reader")}
        with ready(tmp_path, SENTIGRADE_CACHE=str(tmp_path / "cache"), **settings) as stack, Crowd(stack.port) as crowd:
            s3.kill()
            wait_until(lambda: notice(stack) == UNASKED, "a notice")
            crowd.go_on()
            s3.start()
            wait_until(lambda: notice(stack) is None, "the end of the notice")
            wait_until(lambda: is_promoted(s3.store, 2), "a promotion")
            wait_until(lambda: predict(stack.port, "A fine film.").json["version"] == 2, "serving version 2")
            crowd.go_on()


def is_promoted(store: str, version: int) -> bool:
    """Promote a version; a store that has just come back may not take it yet."""
    try:
        promote(open_store(store), "sentiment", version)
    except StoreUnreachable:
        return False
    return True


def notice(stack: Stack) -> object:
    (model,) = call(stack.port, "GET", "/v1/models").json["models"]
    return model.get("notice")


def kill_and_wait(stack: Stack, victim: int) -> None:
    count = len(workers(stack))
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in workers(stack) and len(workers(stack)) == count, "a worker in its place")


def hang_up_and_wait(master: int, workers_of: Callable[[], list[int]]) -> None:
    """Send what makes gunicorn and nginx start anew, and wait until none of the workers of before is left."""
    before = set(workers_of())
    os.kill(master, signal.SIGHUP)
    wait_until(lambda: before.isdisjoint(workers_of()) and workers_of() != [], "other workers")
