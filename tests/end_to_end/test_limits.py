"""How much one caller may ask for, and who is one."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from itertools import count

import pytest

from bench.processes import children
from tests.end_to_end.callers import ask
from tests.end_to_end.error_shapes import require_refusal
from tests.end_to_end.rows import NDJSON, ndjson
from tests.end_to_end.stack import Stack, ready
from tests.end_to_end.test_probes import PROBES
from tests.live import Reply, begin_upload, receive, wait_until

RATE = 2
# More than are allowed in the time that they take.
MANY = 20
ROWS_OF_A_CALLER = 16
# The one address that is believed when it says for whom it asks.
PROXY = "127.0.0.1"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack behind a load balancer, which answers RATE requests of a caller in a second."""
    settings = {"SENTIGRADE_REQUESTS_PER_SECOND": str(RATE), "SENTIGRADE_TRUSTED_PROXY": f"{PROXY}/32"}
    with ready(tmp_path_factory.mktemp("limited"), SENTIGRADE_WORKERS="1", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def addresses() -> Iterator[str]:
    """Addresses that nobody has called from."""
    return (f"127.1.{number // 250}.{number % 250 + 1}" for number in count())


def require_bound(send: Callable[[int], Reply]) -> None:
    """Of MANY requests, as many are answered as one caller may send in the time that they take."""
    begun = time.monotonic()
    statuses = [send(number).status for number in range(MANY)]
    allowed = 1 + RATE + RATE * (time.monotonic() - begun) + 1
    assert set(statuses) == {HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS}
    assert statuses.count(HTTPStatus.OK) <= allowed


def require_no_bound(send: Callable[[int], Reply]) -> None:
    assert {send(number).status for number in range(MANY)} == {HTTPStatus.OK}


def test_a_caller_that_asks_too_often_is_told_to_wait(limited: Stack, addresses: Iterator[str]) -> None:
    address = next(addresses)
    require_bound(lambda _: ask(limited.port, address))
    require_no_bound(lambda _: ask(limited.port, next(addresses)))


@pytest.mark.parametrize("path", ["/v1/predict?text=good", "/v2", "/invocations", "/", "/docs", "/no-such-page"])
def test_the_refusal_has_the_shape_of_its_path(limited: Stack, addresses: Iterator[str], path: str) -> None:
    address = next(addresses)
    replies = [ask(limited.port, address, path) for _ in range(MANY)]
    refusal = next(reply for reply in replies if reply.status == HTTPStatus.TOO_MANY_REQUESTS)
    require_refusal(refusal, path, HTTPStatus.TOO_MANY_REQUESTS)
    assert refusal.headers["Retry-After"] == "1"


def test_rows_count_as_requests(limited: Stack, addresses: Iterator[str]) -> None:
    address = next(addresses)
    require_bound(lambda _: ask(limited.port, address, "/v1/predict", {"Content-Type": NDJSON}, ndjson(1)))


@pytest.mark.parametrize("path", PROBES)
def test_probes_are_never_refused(limited: Stack, addresses: Iterator[str], path: str) -> None:
    address = next(addresses)
    require_no_bound(lambda _: ask(limited.port, address, path))


def test_a_key_that_is_used_from_many_addresses_is_one_caller(limited: Stack, addresses: Iterator[str]) -> None:
    ways = [{"X-API-Key": "sg_one"}, {"Authorization": "Bearer sg_one"}, {"Authorization": "bearer sg_one"}]
    require_bound(lambda number: ask(limited.port, next(addresses), headers=ways[number % len(ways)]))
    require_no_bound(lambda number: ask(limited.port, next(addresses), headers={"X-API-Key": f"sg_{number}"}))


def test_keys_that_are_made_up_give_an_address_no_more(limited: Stack, addresses: Iterator[str]) -> None:
    address = next(addresses)
    require_bound(lambda number: ask(limited.port, address, headers={"X-API-Key": f"sg_made_up_{number}"}))


def test_nobody_else_is_believed_who_the_caller_is(limited: Stack, addresses: Iterator[str]) -> None:
    address = next(addresses)
    require_bound(lambda number: ask(limited.port, address, headers={"X-Forwarded-For": f"8.8.8.{number}"}))


@pytest.mark.parametrize(
    "forwarded",
    ["198.51.100.7", "6.6.6.6, 198.51.100.8", "2001:db8:1:2:{number:x}::1", "2001:db8:1:3::{number:x}"],
    ids=["an address", "what the caller claims before it", "a network of IPv6", "the same, abbreviated"],
)
def test_behind_the_load_balancer_one_address_is_one_caller(limited: Stack, forwarded: str) -> None:
    callers = [forwarded.format(number=number) for number in range(MANY)]
    require_bound(lambda number: ask(limited.port, PROXY, headers={"X-Forwarded-For": callers[number]}))


@pytest.mark.parametrize("forwarded", ["203.0.113.{number}", "6.6.6.6, 203.0.114.{number}", "2001:db8:9:{number:x}::1"])
def test_behind_the_load_balancer_each_address_has_its_own_bound(limited: Stack, forwarded: str) -> None:
    callers = [forwarded.format(number=number) for number in range(MANY)]
    require_no_bound(lambda number: ask(limited.port, PROXY, headers={"X-Forwarded-For": callers[number]}))
    wait_until(lambda: logged(limited, callers[-1].split(", ")[-1]) != [], "a line that names the caller")


def test_the_log_says_which_bound_it_was(limited: Stack, addresses: Iterator[str]) -> None:
    address = next(addresses)
    require_bound(lambda _: ask(limited.port, address))
    wait_until(lambda: len(logged(limited, address)) == MANY, "a line for each request")
    assert {(line["status"], line["limited"]) for line in logged(limited, address)} == {("200", "-"), ("429", "rate")}


def logged(stack: Stack, caller: str) -> list[dict[str, str]]:
    """Return what nginx has logged of a caller."""
    written = (stack.state / "nginx" / "run" / "access.log").read_text()
    lines = [json.loads(line) for line in written.splitlines(keepends=True) if line.endswith("\n")]
    return [line for line in lines if line["remote_addr"] == caller]


def test_a_reload_of_nginx_keeps_the_bounds(limited: Stack, addresses: Iterator[str]) -> None:
    address = next(addresses)
    before = set(children(limited.nginx()))
    os.kill(limited.nginx(), signal.SIGHUP)
    wait_until(lambda: before.isdisjoint(children(limited.nginx())), "other workers of nginx")
    require_bound(lambda _: ask(limited.port, address))


def test_whoever_uploads_rows_slowly_keeps_nobody_else_from_it(port: int, addresses: Iterator[str]) -> None:
    body = ndjson(1)
    with ExitStack() as waiting:
        uploads = [waiting.enter_context(begin_upload(port, len(body), NDJSON)) for _ in range(ROWS_OF_A_CALLER)]
        require_refusal(ask(port, "127.0.0.1", "/v1/predict", {"Content-Type": NDJSON}, body), "/", 503)
        assert ask(port, next(addresses), "/v1/predict", {"Content-Type": NDJSON}, body).status == 200
        for upload in uploads:
            upload.sendall(body)
            assert receive(upload).status == 200
