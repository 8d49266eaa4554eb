"""What a panel shows: the series, rows or number that Prometheus gives for it, under the names it gives them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.monitoring.dashboard import Panel, annotations, queries
from tests.monitoring.prometheus import Prometheus, Series


class Span(NamedTuple):
    """The stretch of time that is looked at, in seconds since 1970."""

    start: float
    end: float
    step: float

    @property
    def times(self) -> NDArray[np.float64]:
        return np.arange(self.start, self.end + self.step / 2, self.step)


class Line(NamedTuple):
    """One line of a panel: a value for each time, which is not a number where there is none."""

    name: str
    values: NDArray[np.float64]


class Source:
    """A Prometheus, asked about one span with the dashboard's variables filled in."""

    def __init__(self, prometheus: Prometheus, span: Span, variables: Mapping[str, str]) -> None:
        self.span = span
        self._prometheus = prometheus
        self._variables = variables

    def lines(self, panel: Panel) -> list[Line]:
        """Return the lines of a panel, by their names."""
        found = [
            Line(query.name(series.labels), self._aligned(series))
            for query in queries(panel)
            for series in self._prometheus.between(query.filled(self._variables), *self.span)
        ]
        return sorted(found, key=lambda line: line.name) if len(panel["targets"]) == 1 else found

    def last(self, panel: Panel) -> list[Series]:
        """Return what a panel of one moment shows."""
        (query,) = queries(panel)
        return self._prometheus.now(query.filled(self._variables))

    def marks(self) -> list[float]:
        """Return the times at which something begins that is marked in every panel."""
        return [
            series.values[0][0]
            for query in annotations()
            for series in self._prometheus.between(query.filled(self._variables), *self.span)
            if series.values[0][0] > self.span.start
        ]

    def _aligned(self, series: Series) -> NDArray[np.float64]:
        values = np.full(len(self.span.times), np.nan)
        for at, value in series.values:
            values[round((at - self.span.start) / self.span.step)] = value
        return values


def table_of(panel: Panel, found: list[Series]) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a table panel, organised as it says."""
    organize = panel["transformations"][0]["options"]
    records = [{**series.labels, "Value": f"{series.values[0][1]:g}"} for series in found]
    names = {name for record in records for name in record if not organize["excludeByName"].get(name)}
    columns = sorted(names, key=lambda name: organize["indexByName"].get(name, len(names)))
    head = [organize["renameByName"].get(name, name) for name in columns]
    mappings = {override["matcher"]["options"]: _mapping(override) for override in panel["fieldConfig"]["overrides"]}
    return head, [
        [
            mappings.get(title, {}).get(record.get(name, ""), record.get(name, ""))
            for title, name in zip(head, columns, strict=True)
        ]
        for record in records
    ]


def _mapping(override: Mapping[str, Any]) -> dict[str, str]:
    (options,) = [one["value"][0]["options"] for one in override["properties"] if one["id"] == "mappings"]
    return {value: shown.get("text", value) for value, shown in options.items()}
