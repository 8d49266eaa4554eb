"""Every expression of the dashboard and of the alerts, asked of a real Prometheus that watches a real service."""

import math
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.live import REPOSITORY
from tests.monitoring.conftest import Watched
from tests.monitoring.dashboard import Query, annotations, metrics_in, panels, queries

pytestmark = pytest.mark.monitoring

# What Grafana would put in; the window holds all that the fixture has sent.
VARIABLES = {"instance": ".*", "model": "sentiment", "__rate_interval": "10m"}
# These have something to show only when something has happened that did not.
USUALLY_EMPTY = {"What is firing?", "New version"}

ASKED = [query for panel in panels() for query in queries(panel)]
SHOWING = [query for query in ASKED if query.panel not in USUALLY_EMPTY]


def name(query: Query) -> str:
    return f"{query.panel} {query.legend}"


@pytest.mark.parametrize("query", SHOWING, ids=name)
def test_a_panel_has_something_to_show(watched: Watched, query: Query) -> None:
    found = watched.prometheus.now(query.filled(VARIABLES))
    assert found
    assert not any(math.isnan(series.values[0][1]) for series in found)


@pytest.mark.parametrize("query", [*ASKED, *annotations()], ids=name)
def test_prometheus_takes_every_expression(watched: Watched, query: Query) -> None:
    watched.prometheus.now(query.filled(VARIABLES))


@pytest.mark.parametrize("query", [query for query in SHOWING if query.is_range], ids=name)
def test_a_legend_tells_the_series_of_a_panel_apart(watched: Watched, query: Query) -> None:
    names = [query.name(series.labels) for series in watched.prometheus.now(query.filled(VARIABLES))]
    assert all(names)
    assert len(set(names)) == len(names)


def test_what_was_asked_is_what_is_shown(watched: Watched) -> None:
    by_panel = {query.panel: query for query in ASKED}
    classes = watched.prometheus.now(by_panel["How many requests come?"].filled(VARIABLES))
    assert {series.labels["class"] for series in classes} == {"2xx", "4xx", "5xx"}
    (turned_away,) = watched.prometheus.now(by_panel["How many requests are turned away?"].filled(VARIABLES))
    assert turned_away.labels == {"path": "/v1/predict"}
    codes = watched.prometheus.now(by_panel["Which texts are not classified?"].filled(VARIABLES))
    assert {series.labels["code"] for series in codes} == {"malformed", "nul_character"}


def test_the_shares_of_the_labels_add_up(watched: Watched) -> None:
    (query,) = [query for query in ASKED if query.panel == "Which labels are given?"]
    shares = [series.values[0][1] for series in watched.prometheus.now(query.filled(VARIABLES))]
    assert sum(shares) == pytest.approx(1, abs=0.01)


def test_the_alerts_are_evaluated_and_silent(watched: Watched) -> None:
    (group,) = watched.prometheus.ask("rules")["groups"]
    assert group["rules"]
    assert {rule["health"] for rule in group["rules"]} == {"ok"}
    assert "firing" not in {rule["state"] for rule in group["rules"]}


def test_every_metric_that_is_asked_for_exists(watched: Watched) -> None:
    (group,) = watched.prometheus.ask("rules")["groups"]
    expressions = [query.expression for query in [*ASKED, *annotations()]] + [rule["query"] for rule in group["rules"]]
    assert set().union(*map(metrics_in, expressions)) <= given(watched)


def test_the_documentation_lists_every_metric_and_no_other(watched: Watched) -> None:
    rows = (REPOSITORY / "docs" / "monitoring.md").read_text().splitlines()
    listed = {match[1] for row in rows if (match := re.match(r"\| `(sentigrade_\w+)", row))}
    assert listed == given(watched)


def given(watched: Watched) -> set[str]:
    """Return the names of the metrics that the service gives."""
    families = text_string_to_metric_families(watched.metrics())
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
