"""The bench's figures as pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.contenders import BARE, OURS, SCIKIT_LEARN
from bench.latency import Latencies
from bench.report import Results
from bench.scoring import Scorings
from bench.throughput import Throughputs
from sentigrade.evaluation.plots import BLUE, GREY, INK, save

COLOURS = {BARE: GREY, OURS: BLUE, SCIKIT_LEARN: "#c05621"}

_PERCENTS = np.concatenate([np.arange(0, 99, 1.0), np.arange(99, 99.95, 0.05)])


def write(results: Results, folder: Path) -> None:
    """Write throughput.png, latency.png and scoring.png."""
    save(_throughput(results.throughput), folder / "throughput.png")
    save(_latency(results.latency), folder / "latency.png")
    save(_scoring(results.scoring), folder / "scoring.png")


def bars(axes: Axes, rows: Mapping[str, Sequence[float]], *, unit: str) -> None:
    """Draw the median of each row as a bar, its single values as dots, the first row on top."""
    names = list(rows)
    for place, name in enumerate(names):
        middle = median(rows[name])
        axes.barh(place, middle, color=COLOURS.get(name, "#718096"), height=0.6)
        axes.plot(rows[name], [place] * len(rows[name]), "o", color=INK, markersize=3, alpha=0.6)
        axes.annotate(
            f"{middle:,.0f}",
            (max(rows[name]), place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(xlabel=unit)
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)


def _throughput(throughput: Throughputs) -> Figure:
    figure = Figure(figsize=(7.5, 2.6), layout="constrained")
    axes = figure.subplots()
    rates = {name: [row.requests_per_second for row in rows] for name, rows in throughput.rounds.items()}
    bars(axes, rates, unit="requests a second, one worker; dots are rounds")
    share = median(throughput.ratios(OURS, BARE))
    axes.set_title(f"Ours answers {share:.0%} as many requests as a constant does", loc="left", fontsize=11, color=INK)
    return figure


def _latency(latency: Latencies) -> Figure:
    figure = Figure(figsize=(7.5, 4), layout="constrained")
    axes = figure.subplots()
    # The slowest 10 % are the right third, the slowest 1 % the right sixth: equal widths for each ten times rarer.
    places = -np.log10(1 - _PERCENTS / 100)
    for name, rounds in latency.rounds.items():
        curves = np.array([np.percentile(row.answered, _PERCENTS) for row in rounds])
        axes.plot(places, curves.T, color=COLOURS[name], alpha=0.25, linewidth=0.8)
        axes.plot(places, np.median(curves, axis=0), color=COLOURS[name], linewidth=2, label=name)
    # A round that another tenant of the machine held up would squeeze all others flat.
    highest = 1.5 * max(latency.percentile(name, 99.9) for name in latency.rounds)
    shown = (0, 50, 90, 99, 99.9)
    axes.set_xticks([-np.log10(1 - percent / 100) for percent in shown], [f"{percent} %" for percent in shown])
    axes.set(
        ylim=(0, highest), xlabel="share of the requests that were answered as fast or faster", ylabel="milliseconds"
    )
    axes.legend(frameon=False, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    times = f"{median(latency.ratios(99)):.2f} times a constant answer's time"
    title = f"At {latency.rate:,.0f} requests/s the slowest 1 % take {times}"
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    return figure


def _scoring(scoring: Scorings) -> Figure:
    figure = Figure(figsize=(7.5, 2.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    rows = {OURS: scoring.ours, SCIKIT_LEARN: scoring.scikit_learn}
    bars(left, {name: [row.one_text_us for row in rounds] for name, rounds in rows.items()}, unit="us for one text")
    bars(
        right,
        {name: [row.texts_per_second for row in rounds] for name, rounds in rows.items()},
        unit="texts/s in lists",
    )
    faster = f"{scoring.one_text_ratio():.1f} times as fast for one text, {scoring.lists_ratio():.1f} times in lists"
    figure.suptitle(f"Inside the process: {faster}", x=0.01, ha="left", fontsize=11, color=INK)
    return figure
