"""Pictures of how good answers are. They need matplotlib, which serving does not."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentigrade.errors import MissingExtra
from sentigrade.evaluation.comparison import Compared
from sentigrade.evaluation.details import by_confidence
from sentigrade.evaluation.multilabel.details import by_label, by_probability
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.naming import name_of
from sentigrade.evaluation.predictions import AnyPredictions, Predictions, main_figure

try:
    from matplotlib import rc
    from matplotlib.figure import Figure
except ImportError:
    raise MissingExtra("drawing plots", "plots") from None

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, BLUE, GREY, AMBER = "#1f2933", "#2b6cb0", "#9aa5b1", "#c05621"
LEVEL_COLOURS = ("#b8433c", "#e5a79d", "#c3ccd4", "#93b7dc", BLUE)  # of five levels, the worst first
_DPI = 110


def use_style() -> None:
    """Let other figures, such as those of the notebooks, look like these: titles at the left, no box, the same ink."""
    rc("figure", dpi=100, **{"constrained_layout.use": True})
    rc("axes", titlelocation="left", titlesize=11, titlepad=12, titlecolor=INK, labelcolor=INK, edgecolor=GREY)
    rc("axes.spines", top=False, right=False)
    rc("xtick", color=INK)
    rc("ytick", color=INK)
    rc("text", color=INK)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, without the date: the same figures give the same file."""
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def pictures(predictions: AnyPredictions) -> dict[str, Figure]:
    """Return the two figures of a report by the names of their files: what is taken for what, and how far to trust."""
    if isinstance(predictions, MultilabelPredictions):
        return {"labels.png": each_label(predictions), "reliability.png": reliability_of_decisions(predictions)}
    return {"confusion_matrix.png": confusion_matrix(predictions), "reliability.png": reliability(predictions)}


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


def each_label(predictions: MultilabelPredictions) -> Figure:
    """Return how well each label is ranked, and its precision and recall at its threshold, the rarest at the top."""
    rows = sorted(zip(predictions.labels.names, by_label(predictions).values(), strict=True), key=lambda row: -row[1].n)
    places = range(len(rows))
    figure = Figure(figsize=(7, 1.6 + 0.36 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.hlines(places, 0, 1, color=GREY, linewidth=0.5, alpha=0.5, zorder=0)
    for name, marker, colour in (("precision", "<", AMBER), ("recall", ">", BLUE), ("auc", "D", INK)):
        values = [np.nan if (value := getattr(row, name)) is None else value for _, row in rows]
        axes.scatter(values, places, marker=marker, color=colour, s=36, label=name_of(name), zorder=3, clip_on=False)
    axes.set_yticks(places, [f"{label} ({row.n:,} texts, from {row.threshold:g})" for label, row in rows])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4))
    figure.legend(frameon=False, ncols=3, loc="outside lower center")
    auc, exact = main_figure(predictions), predictions.correct.mean()
    title = f"Mean AUC {auc:.3f}; all labels right in {exact:.1%} of {len(predictions):,} texts"
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=11)
    _unframe((axes,))
    return figure


def reliability(predictions: Predictions) -> Figure:
    """Return how often answers were right, by how sure they were, and how many were how sure."""
    bins = [(row.confidence, row.accuracy, row.n) for row in by_confidence(predictions)]
    figure, upper, lower = _reliability(bins, "answers")
    upper.set(ylabel="share that was right")
    lower.set(xlabel="probability of the label given", ylabel="texts")
    _title(upper, f"Sure of {predictions.confidence.mean():.1%} on average, right in {predictions.correct.mean():.1%}")
    return figure


def reliability_of_decisions(predictions: MultilabelPredictions) -> Figure:
    """Return how often labels applied, by how probable they were, and how many decisions there were of each."""
    bins = [(row.probability, row.applies, row.n) for row in by_probability(predictions)]
    figure, upper, lower = _reliability(bins, "decisions on a label")
    upper.set(ylabel="share in which it applies")
    # Most labels hardly ever apply.
    lower.set(xlabel="probability of a label", ylabel="decisions", yscale="log", ylim=(0.5, None))
    expected, applies = predictions.probabilities.sum(axis=1).mean(), predictions.truth.sum(axis=1).mean()
    _title(upper, f"{expected:.3f} labels a text are expected, {applies:.3f} apply")
    return figure


def _reliability(bins: Sequence[tuple[float, float, int]], what: str) -> tuple[Figure, "Axes", "Axes"]:
    """Return shares against probabilities, and how many there are of each, with the axes of both."""
    probabilities, shares, counts = (np.array(column) for column in zip(*bins, strict=True))
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot((0, 1), (0, 1), color=GREY, linestyle="--", linewidth=1, label="perfect calibration")
    # Two standard errors of a share, were the probability true: how far chance alone would move a point.
    chance = 2 * np.sqrt(probabilities * (1 - probabilities) / counts)
    low, high = probabilities - chance, probabilities + chance
    upper.fill_between(probabilities, low, high, color=GREY, alpha=0.25, linewidth=0, label="what chance explains")
    upper.plot(probabilities, shares, color=BLUE, marker="o", label=what)
    upper.set(xlim=(0, 1), ylim=(0, 1))
    upper.legend(frameon=False, loc="upper left")
    lower.bar(probabilities, counts, width=0.05, color=BLUE)
    _unframe((upper, lower))
    return figure, upper, lower


def comparison(rows: Sequence[Compared]) -> Figure:
    """Return the main figure against speed, the area of a dot being the memory that the model takes."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    main = rows[0].figures.COMPARED[0]
    for row in rows:
        low, high = row.figures.intervals[main]
        speed, value = row.cost.texts_per_second, getattr(row.figures, main)
        axes.errorbar(speed, value, yerr=[[value - low], [high - value]], color=GREY, capsize=3)
        axes.scatter(speed, value, s=30 + 4 * row.cost.memory_mb, color=BLUE, alpha=0.8, zorder=3)
        note = f"{row.model}\n{row.cost.memory_mb:.0f} MB in memory"
        axes.annotate(note, (speed, value), xytext=(10, 6), textcoords="offset points", fontsize=9, color=INK)
    speeds = np.log10([row.cost.texts_per_second for row in rows])
    axes.set(xscale="log", xlim=(10 ** np.floor(speeds.min()), 10 ** np.ceil(speeds.max() + 0.2)))
    axes.margins(y=0.2)
    axes.set(xlabel="texts a second, in lists", ylabel=f"{name_of(main)}, with its 95 % interval")
    _title(axes, f"{len(rows)} models on the same {rows[0].figures.n:,} texts")
    _unframe((axes,))
    return figure


def _title(axes: "Axes", text: str) -> None:
    axes.set_title(text, loc="left", color=INK, fontsize=11)


def _unframe(all_axes: Sequence["Axes"]) -> None:
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
