"""Pictures of how good answers are. They need matplotlib, which serving does not."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentigrade.errors import SettingError
from sentigrade.evaluation.comparison import Compared
from sentigrade.evaluation.details import by_confidence
from sentigrade.evaluation.predictions import Predictions

try:
    from matplotlib.figure import Figure
except ImportError:
    raise SettingError('plots need matplotlib: run pip install "sentigrade[plots]"') from None

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, BLUE, GREY = "#1f2933", "#2b6cb0", "#9aa5b1"
_DPI = 110


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, without the date: the same figures give the same file."""
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def confusion_matrix(predictions: Predictions) -> Figure:
    """Return, for each true label, the share of its texts that got each label."""
    confusion, names = predictions.confusion(), predictions.labels.names
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    side = 2.4 + 0.75 * len(names)
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        colour = "white" if share > 0.55 else INK
        axes.text(
            column, row, f"{share:.0%}\n{confusion[row, column]:,}", ha="center", va="center", color=colour, fontsize=9
        )
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("label given")
    axes.set_ylabel("true label")
    _title(axes, f"{predictions.correct.mean():.1%} of {len(predictions):,} texts got their label")
    axes.spines[:].set_visible(False)
    return figure


def reliability(predictions: Predictions) -> Figure:
    """Return how often answers were right, by how sure they were, and how many were how sure."""
    bins = by_confidence(predictions)
    confidence, accuracy, counts = (
        np.array(column) for column in zip(*((b.confidence, b.accuracy, b.n) for b in bins), strict=True)
    )
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot((0, 1), (0, 1), color=GREY, linestyle="--", linewidth=1, label="perfect calibration")
    # Two standard errors of a share, were the confidence true: how far chance alone would move a point.
    chance = 2 * np.sqrt(confidence * (1 - confidence) / counts)
    upper.fill_between(
        confidence,
        confidence - chance,
        confidence + chance,
        color=GREY,
        alpha=0.25,
        linewidth=0,
        label="what chance explains",
    )
    upper.plot(confidence, accuracy, color=BLUE, marker="o", label="answers")
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that was right")
    upper.legend(frameon=False, loc="upper left")
    lower.bar(confidence, counts, width=0.05, color=BLUE)
    lower.set(xlabel="probability of the label given", ylabel="texts")
    _title(upper, f"Sure of {predictions.confidence.mean():.1%} on average, right in {predictions.correct.mean():.1%}")
    _unframe((upper, lower))
    return figure


def comparison(rows: Sequence[Compared]) -> Figure:
    """Return accuracy against speed, the area of a dot being the memory that the model takes."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for row in rows:
        low, high = row.figures.intervals["accuracy"]
        speed, accuracy = row.cost.texts_per_second, row.figures.accuracy
        axes.errorbar(speed, accuracy, yerr=[[accuracy - low], [high - accuracy]], color=GREY, capsize=3)
        axes.scatter(speed, accuracy, s=30 + 4 * row.cost.memory_mb, color=BLUE, alpha=0.8, zorder=3)
        note = f"{row.model}\n{row.cost.memory_mb:.0f} MB in memory"
        axes.annotate(note, (speed, accuracy), xytext=(10, 6), textcoords="offset points", fontsize=9, color=INK)
    speeds = np.log10([row.cost.texts_per_second for row in rows])
    axes.set(xscale="log", xlim=(10 ** np.floor(speeds.min()), 10 ** np.ceil(speeds.max() + 0.2)))
    axes.margins(y=0.2)
    axes.set(xlabel="texts a second, in lists", ylabel="accuracy, with its 95 % interval")
    _title(axes, f"{len(rows)} models on the same {rows[0].figures.n:,} texts")
    _unframe((axes,))
    return figure


def _title(axes: "Axes", text: str) -> None:
    axes.set_title(text, loc="left", color=INK, fontsize=11)


def _unframe(all_axes: Sequence["Axes"]) -> None:
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
