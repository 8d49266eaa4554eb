"""The open-loop sender against real servers on loopback, some of them slow or broken."""

import time
from itertools import repeat, takewhile

import pytest

from bench.errors import BenchError
from bench.open_loop import answers_at_rate, send_at_rate
from tests.bench.answering_server import server


def bodies(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_every_body_is_sent_once_at_the_rate() -> None:
    with server() as (port, asked):
        started = time.perf_counter()
        answered = send_at_rate(port, bodies(100), per_second=200)
        took = time.perf_counter() - started
    assert sorted(asked) == sorted(bodies(100))
    assert len(answered) == 100
    assert took >= 99 / 200


def test_a_slow_answer_makes_those_behind_it_late() -> None:
    with server(hold=0.5) as (port, _):
        answered = send_at_rate(port, bodies(20), per_second=200)
    # All twenty were due in the first tenth of a second, and none was answered in the first half.
    assert min(times.latency for times in answered) > 350


def test_requests_that_find_no_free_connection_are_timed_from_when_they_were_due() -> None:
    with server(hold=0.5) as (port, _):
        answered = send_at_rate(port, bodies(200), per_second=1000)
    late = [times for times in answered if times.lateness > 200]
    assert late
    assert all(times.latency >= times.lateness for times in late)


def test_a_failed_request_ends_the_bench() -> None:
    with server(500) as (port, _), pytest.raises(BenchError, match=r"a request failed: HTTP/1.1 500"):
        send_at_rate(port, bodies(1), per_second=100)


def test_failures_are_counted_where_they_are_expected() -> None:
    with server(200, 503) as (port, _):
        answers = list(answers_at_rate(port, bodies(20), per_second=500, connections=4))
    assert sorted(answer.number for answer in answers) == list(range(20))
    assert sorted(answer.status for answer in answers) == [200] * 10 + [503] * 10


def test_it_goes_on_for_as_long_as_there_are_bodies() -> None:
    answered = 0
    with server() as (port, _):
        until = takewhile(lambda _: answered < 50, repeat(b"text"))
        for _ in answers_at_rate(port, until, per_second=500):
            answered += 1
    assert answered >= 50
