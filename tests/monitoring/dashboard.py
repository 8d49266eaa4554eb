"""What stands in dashboard.json, as Grafana would ask Prometheus for it."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.monitoring.prometheus import FOLDER

Panel = dict[str, Any]

# The part of a histogram or counter that an expression asks for belongs to no name of its own.
_METRIC = re.compile(r"\bsentigrade_[a-z_]+?(?=(?:_bucket|_sum|_count)?\b)")
_VARIABLE = re.compile(r"\$(\w+)")


class Query(NamedTuple):
    """One expression of a panel, and what its series are called; `is_range` if it asks for a stretch of time."""

    panel: str
    expression: str
    legend: str
    is_range: bool

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the expression with the dashboard's variables replaced."""
        return _VARIABLE.sub(lambda match: values[match[1]], self.expression)

    def name(self, labels: Mapping[str, str]) -> str:
        """Return what the legend calls a series."""
        return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], ""), self.legend)


def dashboard() -> dict[str, Any]:
    """Return the dashboard as it is written."""
    read: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
    return read


def panels() -> list[Panel]:
    """Return everything that shows data, from top to bottom."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def queries(panel: Panel) -> list[Query]:
    """Return what a panel asks for."""
    return [
        Query(panel["title"], target["expr"], target.get("legendFormat", ""), target["range"])
        for target in panel["targets"]
    ]


def annotations() -> list[Query]:
    """Return what marks moments in every panel."""
    marks = dashboard()["annotations"]["list"]
    return [Query(mark["name"], mark["expr"], mark["titleFormat"], is_range=True) for mark in marks]


def metrics_in(expression: str) -> set[str]:
    """Return the names of our metrics in an expression."""
    return set(_METRIC.findall(expression))
