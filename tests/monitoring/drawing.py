"""The dashboard as a picture: the same grid, titles, colours, units and thresholds as Grafana would draw."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sentigrade.evaluation.plots import GREY, INK, save
from tests.monitoring.dashboard import Panel, dashboard
from tests.monitoring.formats import format_of
from tests.monitoring.shown import Line, Source, table_of

WIDTH, COLUMNS = 16.0, 24  # inches, of the grid
CELL = 0.34  # inches that one step of the grid is high
HEAD = 0.5  # inches above the grid
GAP = 0.05
LEGEND = 0.17  # inches for a line of it
LONGEST_CELL = 32  # characters

PALETTE = ("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0", "#508642", "#cca300")
COLOURS = {
    "green": "#73bf69",
    "light-green": "#96d98d",
    "dark-green": "#37872d",
    "blue": "#5794f2",
    "orange": "#ff9830",
    "red": "#e02f44",
    "light-red": "#ff7383",
    "dark-red": "#c4162a",
    "purple": "#b877d9",
    "text": GREY,
}


class Box(NamedTuple):
    """A rectangle in inches, from the upper left corner of the picture."""

    left: float
    top: float
    width: float
    height: float

    def inside(self, left: float, top: float, right: float, bottom: float) -> "Box":
        return Box(self.left + left, self.top + top, self.width - left - right, self.height - top - bottom)


class Picture:
    """A figure that is filled panel by panel."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._marks = source.marks()
        places = [panel["gridPos"] for panel in dashboard()["panels"]]
        self._height = HEAD + CELL * max(place["y"] + place["h"] for place in places)
        self._figure = Figure(figsize=(WIDTH, self._height), facecolor="#f4f5f5")

    def draw(self, path: Path) -> None:
        """Draw the whole dashboard to a file."""
        span = [f"{datetime.fromtimestamp(at, UTC):%H:%M}" for at in self._source.span[:2]]
        self._write(0.15, 0.33, dashboard()["title"], size=15, weight="bold")
        self._write(1.55, 0.32, f"{span[0]} to {span[1]} UTC", color="#5a6570")
        kinds = {"row": self._row, "timeseries": self._series, "table": self._table, "stat": self._stat}
        for panel in dashboard()["panels"]:
            kinds[panel["type"]](panel)
        save(self._figure, path)

    def _row(self, panel: Panel) -> None:
        box = self._box(panel)
        self._write(box.left + 0.1, box.top + 0.23, panel["title"], size=11, weight="bold")

    def _series(self, panel: Panel) -> None:
        lines = self._source.lines(panel)
        legend_lines = -(-len(lines) // 2)
        box = self._frame(panel)
        axes = self._axes(box.inside(0.75, 0.4, 0.2, 0.4 + LEGEND * legend_lines))
        colours = [_colour(panel, line.name, place) for place, line in enumerate(lines)]
        _plot(axes, panel, self._source, lines, colours)
        for mark in self._marks:
            axes.axvline(mark, color=COLOURS["blue"], linestyle=":", linewidth=1)
        for place, (line, colour) in enumerate(zip(lines, colours, strict=True)):
            column, row = place % 2, place // 2
            top = box.top + box.height - 0.1 - LEGEND * (legend_lines - 1 - row)
            self._entry(panel, line, colour, box.left + 0.15 + column * box.width / 2, top)

    def _entry(self, panel: Panel, line: Line, colour: str, left: float, top: float) -> None:
        self._rectangle(Box(left, top - 0.08, 0.14, 0.05), colour)
        self._write(left + 0.2, top, f"{line.name}   {_figures(panel, line)}", size=7.5)

    def _table(self, panel: Panel) -> None:
        box = self._frame(panel)
        head, rows = table_of(panel, self._source.last(panel))
        if not rows:
            shown = panel["fieldConfig"]["defaults"].get("noValue", "No data")
            self._write(box.left + box.width / 2, box.top + box.height / 2 + 0.1, shown, size=11, ha="center")
            return
        rows = [[cell if len(cell) <= LONGEST_CELL else f"{cell[:LONGEST_CELL]}..." for cell in row] for row in rows]
        lengths = np.array([max(len(row[place]) for row in [head, *rows]) + 3 for place in range(len(head))])
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        for down, row in enumerate([head, *rows]):
            for start, cell in zip(starts, row, strict=True):
                left = box.left + 0.15 + min(0.075, (box.width - 0.2) / lengths.sum()) * start
                weight = "bold" if down == 0 else "normal"
                self._write(left, box.top + 0.6 + 0.25 * down, cell, size=7.5, weight=weight)

    def _stat(self, panel: Panel) -> None:
        (series,) = self._source.last(panel)
        value = series.values[0][1]
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        reached = [step["color"] for step in steps if step["value"] is None or value >= step["value"]]
        box = self._frame(panel)
        self._rectangle(box.inside(0.12, 0.38, 0.12, 0.12), COLOURS[reached[-1]])
        shown = format_of(panel["fieldConfig"]["defaults"]["unit"])(value)
        base = box.top + 0.27 + box.height / 2
        self._write(box.left + box.width / 2, base, shown, size=26, color="white", ha="center", weight="bold")

    def _box(self, panel: Panel) -> Box:
        place, column = panel["gridPos"], WIDTH / COLUMNS
        box = Box(place["x"] * column, HEAD + place["y"] * CELL, place["w"] * column, place["h"] * CELL)
        return box.inside(GAP, GAP, GAP, GAP)

    def _frame(self, panel: Panel) -> Box:
        box = self._box(panel)
        self._rectangle(box, "white", edge="#d8dbdf")
        self._write(box.left + 0.12, box.top + 0.24, panel["title"], size=9.5, weight="bold")
        return box

    def _rectangle(self, box: Box, colour: str, edge: str = "none") -> None:
        left, bottom = box.left / WIDTH, 1 - (box.top + box.height) / self._height
        size = box.width / WIDTH, box.height / self._height
        self._figure.add_artist(
            Rectangle((left, bottom), *size, facecolor=colour, edgecolor=edge, linewidth=0.8, zorder=-1)
        )

    def _write(
        self,
        left: float,
        base: float,
        text: str,
        *,
        color: str = INK,
        size: float = 9,
        weight: str = "normal",
        ha: Literal["left", "center"] = "left",
    ) -> None:
        place = left / WIDTH, 1 - base / self._height
        self._figure.text(*place, text, color=color, fontsize=size, fontweight=weight, ha=ha)

    def _axes(self, box: Box) -> Axes:
        bottom = 1 - (box.top + box.height) / self._height
        return self._figure.add_axes((box.left / WIDTH, bottom, box.width / WIDTH, box.height / self._height))


def _figures(panel: Panel, line: Line) -> str:
    """Return what the legend says of a line: its last value, and its highest or lowest."""
    known = line.values[~np.isnan(line.values)]
    if not len(known):
        return "none"
    unit = panel["fieldConfig"]["defaults"]["unit"]
    write = format_of("short" if unit == "reqps" else unit)  # the axis says it
    found = {"lastNotNull": write(known[-1]), "max": f"max {write(known.max())}", "min": f"min {write(known.min())}"}
    return ", ".join(found[name] for name in panel["options"]["legend"]["calcs"])


def _plot(axes: Axes, panel: Panel, source: Source, lines: list[Line], colours: list[str]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    times = source.span.times
    if defaults["custom"]["stacking"]["mode"] == "normal" and lines:
        axes.stackplot(times, [np.nan_to_num(line.values) for line in lines], colors=colours, alpha=0.75)
    else:
        for line, colour in zip(lines, colours, strict=True):
            axes.plot(times, line.values, color=colour, linewidth=1.6)
    highest = defaults.get("max") or max(axes.get_ylim()[1], defaults["custom"].get("axisSoftMax", 0), 1e-9)
    axes.set(xlim=source.span[:2], ylim=(defaults["min"], highest))
    _thresholds(axes, panel)
    _ticks(axes, defaults["unit"])


def _thresholds(axes: Axes, panel: Panel) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    if "thresholdsStyle" in defaults["custom"]:
        for step in defaults["thresholds"]["steps"][1:]:
            if step["value"] <= axes.get_ylim()[1]:
                axes.axhline(step["value"], color=COLOURS[step["color"]], linestyle="--", linewidth=1)


def _ticks(axes: Axes, unit: str) -> None:
    write = format_of(unit)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}"))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    axes.tick_params(labelsize=7, color="#d8dbdf", labelcolor="#5a6570")
    axes.grid(color="#eceef0", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)


def _colour(panel: Panel, name: str, place: int) -> str:
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] == name:
            return COLOURS[override["properties"][0]["value"]["fixedColor"]]
    return PALETTE[place % len(PALETTE)]
