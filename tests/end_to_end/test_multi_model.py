"""Models loaded and unloaded while the service runs, by two workers behind nginx."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.processes import children
from tests.end_to_end.stack import Stack, command_line, ready
from tests.live import DEFAULT_MODEL, Reply, call, wait_until
from tests.model_copies import named, place


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Three model folders by the names that they give in their answers."""
    root = tmp_path_factory.mktemp("models")
    return {name: place(DEFAULT_MODEL, root / name / "model", named(name)) for name in ("reviews", "topics", "moods")}


@pytest.fixture(scope="module")
def setting(urls: Mapping[str, str]) -> dict[str, str]:
    return {"SENTIGRADE_MULTI_MODEL": str(Path(urls["reviews"]).parents[1]), "SENTIGRADE_WORKERS": "2"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, setting: dict[str, str]) -> Iterator[Stack]:
    with ready(tmp_path_factory.mktemp("stack"), **setting) as stack:
        yield stack


@pytest.fixture
def service(running: Stack) -> Iterator[Stack]:
    """A stack with two workers and nothing loaded."""
    yield running
    for model in call(running.port, "GET", "/models").json["models"]:
        assert call(running.port, "DELETE", f"/models/{model['modelName']}").status == 200


def load(stack: Stack, name: str, url: str) -> Reply:
    return call(stack.port, "POST", "/models", {"model_name": name, "url": url})


def invoke(stack: Stack, name: str) -> Reply:
    return call(stack.port, "POST", f"/models/{name}/invoke", {"mytext": "A fine film."})


def invoke_all(stack: Stack, names: Sequence[str]) -> list[Reply]:
    """Invoke over eight connections at a time, so that no worker is left out for long."""
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda name: invoke(stack, name), names))


def openings(stack: Stack) -> int:
    """Return how often a worker has opened a model."""
    return stack.output.count('"message":"loaded"')


def invoke_until_opened(stack: Stack, names: Sequence[str], times: int) -> list[Reply]:
    """Invoke each model forty times, and on, until workers have opened models so many times."""
    replies: list[Reply] = []

    def is_opened() -> bool:
        replies.extend(invoke_all(stack, [*names] * 40))
        return openings(stack) >= times

    wait_until(is_opened, f"opening {times} times")
    assert openings(stack) == times
    return replies


def web_workers(stack: Stack) -> list[int]:
    return [pid for pid in children(stack.gunicorn()) if is_web_worker(pid)]


def is_web_worker(pid: int) -> bool:
    """Whether a process answers single requests; the workers for rows make way for those."""
    try:
        return b"serve" in command_line(pid) and os.getpriority(os.PRIO_PROCESS, pid) == 0
    except (FileNotFoundError, ProcessLookupError):
        return False  # it has just ended


def test_both_workers_answer_what_one_has_loaded_until_it_is_unloaded(service: Stack, urls: Mapping[str, str]) -> None:
    before = openings(service)
    assert load(service, "a", urls["reviews"]).status == load(service, "b", urls["topics"]).status == 200
    replies = invoke_until_opened(service, ["a", "b"], before + 4)
    assert {reply.status for reply in replies} == {200}
    assert [reply.json["model"] for reply in replies] == ["reviews", "topics"] * (len(replies) // 2)
    assert call(service.port, "DELETE", "/models/a").status == 200
    assert {reply.status for reply in invoke_all(service, ["a"] * 40)} == {404}
    assert {reply.json["model"] for reply in invoke_all(service, ["b"] * 40)} == {"topics"}
    assert load(service, "a", urls["moods"]).status == 200
    assert {reply.json["model"] for reply in invoke_all(service, ["a"] * 40)} == {"moods"}


def test_of_loads_of_one_name_at_once_one_succeeds(service: Stack, urls: Mapping[str, str]) -> None:
    for round_ in range(5):
        with ThreadPoolExecutor(4) as threads:
            wishes = [threads.submit(load, service, f"N{round_}", urls[name]) for name in ("reviews", "topics") * 2]
            replies = [wish.result() for wish in wishes]
        assert sorted(reply.status for reply in replies) == [200, 409, 409, 409]
        (winner,) = (
            name for name, reply in zip(("reviews", "topics") * 2, replies, strict=True) if reply.status == 200
        )
        assert {reply.json["model"] for reply in invoke_all(service, [f"N{round_}"] * 20)} == {winner}


def test_a_worker_that_takes_a_dead_one_s_place_answers_too(service: Stack, urls: Mapping[str, str]) -> None:
    before = openings(service)
    assert load(service, "N", urls["reviews"]).status == 200
    invoke_until_opened(service, ["N"], before + 2)
    first, _ = web_workers(service)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(web_workers(service)) == 2 and first not in web_workers(service), "another worker")
    replies = invoke_until_opened(service, ["N"], before + 3)
    assert {(reply.status, reply.json["model"]) for reply in replies} == {(200, "reviews")}


def test_a_new_generation_of_workers_answers_too(service: Stack, urls: Mapping[str, str]) -> None:
    assert load(service, "N", urls["reviews"]).status == 200
    old = set(web_workers(service))
    os.kill(service.gunicorn(), signal.SIGHUP)
    wait_until(lambda: len(web_workers(service)) == 2 and old.isdisjoint(web_workers(service)), "another generation")
    assert {reply.status for reply in invoke_all(service, ["N"] * 40)} == {200}


def test_a_name_with_slashes_gets_through_nginx(service: Stack, urls: Mapping[str, str]) -> None:
    assert load(service, "shop/reviews v2", urls["reviews"]).status == 200
    for name in ("shop/reviews%20v2", "shop%2Freviews%20v2"):
        assert invoke(service, name).status == 200
    assert call(service.port, "DELETE", "/models/shop%2Freviews%20v2").status == 200
    assert invoke(service, "shop/reviews%20v2").status == 404


def test_a_restarted_service_has_nothing_loaded(
    tmp_path: Path, setting: dict[str, str], urls: Mapping[str, str]
) -> None:
    for _ in range(2):
        with ready(tmp_path, **setting) as stack:
            assert call(stack.port, "GET", "/ping").status == 200
            assert call(stack.port, "GET", "/models").json == {"models": []}
            assert load(stack, "N", urls["reviews"]).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", ""), ("GET", "/N"), ("DELETE", "/N"), ("POST", "/N/invoke")],
)
def test_without_the_setting_there_is_nothing_of_it(port: int, method: str, path: str) -> None:
    reply = call(port, method, f"/models{path}", {"model_name": "N", "url": str(DEFAULT_MODEL)})
    assert (reply.status, reply.json["code"], reply.json["type"]) == (404, 404, "not_found")
