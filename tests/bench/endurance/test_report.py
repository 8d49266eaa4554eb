from collections import Counter

import pytest

from bench.endurance.growth import Growth, Reading
from bench.endurance.killing import Killing
from bench.endurance.overload import Offered, Overload
from bench.endurance.report import (
    growth_figures,
    growth_table,
    killing_figures,
    killing_table,
    overload_figures,
    overload_table,
)
from bench.endurance.stack import Memory
from bench.load import Sent

MILLISECONDS = [float(number) for number in range(1, 101)]


@pytest.fixture
def overload() -> Overload:
    """Forty requests a second can be answered; of five times as many, one in five is."""
    capacity = Sent(requests=400, microseconds=10_000_000, failed=0, p50=90_000, p99=120_000)
    at_capacity = Offered(40, 40.0, 2.5, MILLISECONDS, [], [0.1], Counter({200: 100}), 0)
    beyond = Offered(200, 200.0, 2.5, MILLISECONDS[:80], MILLISECONDS, [300.0], Counter({200: 80, 503: 419, 500: 1}), 7)
    return Overload(1000, capacity, {1.0: at_capacity, 5.0: beyond})


def test_what_is_answered_beyond_capacity_is_a_share_of_capacity(overload: Overload) -> None:
    offered = overload_figures(overload)["offered"]
    assert isinstance(offered, list)
    first, second = offered
    assert (first["share_of_capacity"], second["share_of_capacity"]) == (1.0, 0.8)
    assert first["refused_p99_ms"] is None
    assert second["statuses"] == {"200": 80, "503": 419, "500": 1}


def test_the_table_says_what_must_not_happen_and_when_the_sender_was_too_slow(overload: Overload) -> None:
    table = "\n".join(overload_table(overload))
    assert "other statuses: {500: 1}" in table
    assert "7 refusals do not say when to come back" in table
    assert table.count("could not keep up") == 1


def test_whoever_was_killed_is_counted_with_what_it_cost() -> None:
    killing = Killing(1337, 500.0, MILLISECONDS, Counter({200: 98, 502: 2}), Counter({"web": 3, "rows": 1}))
    figures = killing_figures(killing)
    assert (figures["failed"], figures["killed"], figures["seed"]) == (2, {"web": 3, "rows": 1}, 1337)
    assert "4 killed: 1 for rows and 3 for web" in "\n".join(killing_table(killing))


def test_growth_is_what_the_second_half_of_the_requests_added() -> None:
    growth = Growth(Reading(1000, Memory(150.0, 8.0)), Reading(2000, Memory(151.5, 7.5)), 4000.0)
    assert growth_figures(growth)["grown_mb"] == {"service": 1.5, "nginx": -0.5}
    assert next(line for line in growth_table(growth) if "difference" in line).split() == ["difference", "+1.5", "-0.5"]
