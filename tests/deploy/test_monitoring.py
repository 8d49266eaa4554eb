"""The dashboard and the alerts, as far as they can be judged without Prometheus."""

import re
from itertools import combinations
from typing import Any

import pytest
import yaml

from sentigrade.web.access_log import AccessLine
from tests.live import REPOSITORY
from tests.monitoring.dashboard import Panel, dashboard, panels, queries
from tests.monitoring.prometheus import FOLDER

WIDTH = 24  # columns of Grafana's grid


def read(name: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    return yaml.safe_load((FOLDER / name).read_text())


def alerts() -> list[dict[str, Any]]:
    return [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]


def anchors(document: str) -> set[str]:
    """Return what one may link to in a document: its headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", (REPOSITORY / document).read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows_and_what_to_do(panel: Panel) -> None:
    assert panel["title"].endswith("?")
    assert len(panel["description"]) > 60
    assert panel["type"] == "table" or panel["fieldConfig"]["defaults"]["unit"]


def test_every_panel_and_query_asks_the_source_that_was_chosen() -> None:
    asking = [part for panel in panels() for part in (panel, *panel["targets"])]
    asking += dashboard()["annotations"]["list"] + dashboard()["templating"]["list"][1:]
    assert {part["datasource"]["uid"] for part in asking} == {"${datasource}"}


def test_every_query_is_of_the_instances_that_were_chosen() -> None:
    for query in [query for panel in panels() for query in queries(panel)]:
        selectors = re.findall(r"sentigrade_\w+(\{[^}]*\})?", query.expression)
        assert all('instance=~"$instance"' in selector for selector in selectors), query.panel


def test_panels_fill_the_grid_side_by_side() -> None:
    every = dashboard()["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    cells = [cells_of(panel) for panel in every]
    assert all(one.isdisjoint(other) for one, other in combinations(cells, 2))
    assert set().union(*cells) == {(x, y) for x in range(WIDTH) for y in range(1 + max(y for _, y in cells[-1]))}


def cells_of(panel: Panel) -> set[tuple[int, int]]:
    place = panel["gridPos"]
    rows = range(place["y"], place["y"] + place["h"])
    return {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in rows}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_how_bad_it_is_and_what_to_do(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"].keys() == {"summary", "description", "runbook"}
    document, _, anchor = alert["annotations"]["runbook"].partition("#")
    assert anchor in anchors(document)


def test_every_alert_is_seen_to_fire() -> None:
    expected = [
        sample["labels"]
        for test in read("alerts_test.yml")["tests"]
        for case in test["promql_expr_test"]
        for sample in case["exp_samples"]
    ]
    assert {f'{{alertname="{alert["alert"]}"}}' for alert in alerts()} == set(expected)


def test_the_dashboard_and_the_documentation_lead_to_parts_of_the_guide_that_exist() -> None:
    texts = [panel["description"] for panel in panels()] + [(REPOSITORY / "docs" / "monitoring.md").read_text()]
    named = set(re.findall(r"operations\.md#([\w-]+)", "\n".join(texts)))
    assert named <= anchors("docs/operations.md")


def test_the_two_configurations_differ_in_their_target_alone() -> None:
    both = [read("prometheus.yml"), read("prometheus-local.yml")]
    targets = [one["scrape_configs"][0].pop("static_configs") for one in both]
    assert both[0] == both[1]
    assert targets == [[{"targets": ["nginx:9145"]}], [{"targets": ["127.0.0.1:9145"]}]]


def test_grafana_finds_the_dashboard_and_prometheus_where_compose_puts_them() -> None:
    services = read("compose.yml")["services"]
    (provider,) = read("grafana/dashboards/sentigrade.yml")["providers"]
    assert f"./deploy/monitoring:{provider['options']['path']}:ro" in services["grafana"]["volumes"]
    (source,) = read("grafana/datasources/prometheus.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert source["jsonData"]["timeInterval"] == read("prometheus.yml")["global"]["scrape_interval"]


def test_the_documentation_lists_the_fields_of_both_log_lines() -> None:
    _, _, logs = (REPOSITORY / "docs" / "monitoring.md").read_text().partition("\n## Logs\n")
    listed: dict[str, set[str]] = {"nginx": set(), "web": set()}
    for fields, nginx, web in re.findall(r"^\| (`.*?) \|(.*?)\|(.*?)\|$", logs, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", fields):
            listed["nginx"] |= {name} if nginx.strip() else set()
            listed["web"] |= {name} if web.strip() else set()
    assert listed == {"nginx": nginx_fields(), "web": set(AccessLine.__struct_fields__)}


def nginx_fields() -> set[str]:
    written = re.search(r"log_format json_lines .*?;", (REPOSITORY / "nginx" / "nginx.conf").read_text(), re.DOTALL)
    assert written
    return set(re.findall(r'"(\w+)":', written[0]))
