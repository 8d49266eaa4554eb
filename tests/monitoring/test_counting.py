"""Scrapes while workers are killed and replaced: each is whole, and what was counted stays counted."""

import json
import os
import re
import signal
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.background import Repeated
from tests.end_to_end.rows import row_workers
from tests.end_to_end.stack import Stack, ready
from tests.live import call, free_port, predict, wait_until
from tests.monitoring.traffic import kill_a_worker

pytestmark = pytest.mark.monitoring

PERIOD_SECONDS = 0.1
CALLERS = 3
ANSWERS_BETWEEN_KILLS = 150
KILLS_BETWEEN_RELOADS = 3
RELOADS = 5

Counts = dict[tuple[str, frozenset[tuple[str, str]]], float]


def counts(port: int) -> Counts:
    """Return every value that may only rise."""
    reply = call(port, "GET", "/metrics")
    assert reply.status == 200
    families = [family for family in text_string_to_metric_families(reply.text) if family.type != "gauge"]
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def gauges(port: int, name: str) -> dict[str, float]:
    """Return a gauge's values by role."""
    found = re.findall(rf'^{name}{{role="(\w+)"}} (\S+)$', call(port, "GET", "/metrics").text, re.MULTILINE)
    return {role: float(value) for role, value in found}


def counted(scrape: Counts, **labels: str) -> float:
    """Return how many requests with such labels were counted."""
    return sum(
        value
        for (name, given), value in scrape.items()
        if name == "sentigrade_requests_total" and labels.items() <= set(given)
    )


def answered(stack: Stack) -> int:
    """Return how many texts were asked for and answered, by a label or by a 503, as nginx has noted it."""
    lines = map(json.loads, (stack.state / "nginx" / "run" / "access.log").read_text().splitlines())
    asked = [line["status"] for line in lines if (line["method"], line["path"]) == ("POST", "/v1/predict")]
    assert set(asked) <= {"200", "503"}
    return len(asked)


def replace_workers(stack: Stack, answers: Callable[[], int], scrapes: Callable[[], int]) -> int:
    """Kill workers, and start new generations of them, while answers come; return how many were killed.

    A request whose worker dies is sent once more: no scrape meets two deaths.
    """
    for number in range(RELOADS * KILLS_BETWEEN_RELOADS):
        if number % KILLS_BETWEEN_RELOADS == 0:
            os.kill(stack.gunicorn(), signal.SIGHUP)
        kill_a_worker(stack)
        wait_for_more(answers, ANSWERS_BETWEEN_KILLS)
        wait_for_more(scrapes, 1)
    return RELOADS * KILLS_BETWEEN_RELOADS


def wait_for_more(answers: Callable[[], int], count: int) -> None:
    enough = answers() + count
    wait_until(lambda: answers() >= enough, "more answers")


def test_a_scrape_while_workers_die_is_whole_and_no_count_falls(tmp_path: Path) -> None:
    port, scrapes, statuses = free_port(), list[Counts](), list[int]()
    with ready(tmp_path, SENTIGRADE_METRICS_PORT=str(port)) as stack, ExitStack() as under_way:
        under_way.enter_context(Repeated(lambda: scrapes.append(counts(port)), PERIOD_SECONDS))
        for _ in range(CALLERS):
            under_way.enter_context(Repeated(lambda: statuses.append(predict(stack.port, "A fine film.").status)))
        killed = replace_workers(stack, lambda: len(statuses), lambda: len(scrapes))
        under_way.close()

        for earlier, later in pairwise(scrapes):
            assert earlier.keys() <= later.keys()
            assert [key for key, value in earlier.items() if later[key] < value] == []
        # nginx notes a request when it has sent the answer: the caller may have that first.
        wait_until(lambda: answered(stack) == len(statuses), "a line for each answer")
        # A worker that is killed between counting and answering leaves its request to another one.
        count = counted(counts(port), method="POST", path="/v1/predict")
        assert len(statuses) <= count <= len(statuses) + killed


def test_only_workers_that_live_are_counted_as_living(tmp_path: Path) -> None:
    port = free_port()
    with ready(tmp_path, SENTIGRADE_METRICS_PORT=str(port)) as stack:
        wait_until(lambda: starts(port) == {"web": 2, "rows": 1}, "a start of each worker")
        (killed,) = row_workers(stack)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: starts(port) == {"web": 2, "rows": 2}, "the start of a new worker")
        assert gauges(port, "sentigrade_workers") == {"web": 2, "rows": 1}


def starts(port: int) -> dict[str, float]:
    return {dict(labels)["role"]: value for (name, labels), value in counts(port).items() if "worker_starts" in name}
