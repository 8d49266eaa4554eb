"""An evaluation or a comparison as a folder that people and programs can read."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from sklearn.metrics import classification_report

from sentigrade.evaluation import plots
from sentigrade.evaluation.comparison import Compared, as_table
from sentigrade.evaluation.evaluate import Evaluation
from sentigrade.evaluation.figures import AnyFigures, encode_metrics
from sentigrade.evaluation.model_card import model_card
from sentigrade.evaluation.naming import as_cell, name_of
from sentigrade.evaluation.predictions import AnyPredictions

TEXT_FILE = "classification_report.txt"


def write_report(evaluation: Evaluation, folder: Path) -> None:
    """Write metrics.json, classification_report.txt, two plots and model_card.md, over those of an earlier report."""
    folder.mkdir(parents=True, exist_ok=True)
    name, figures = evaluation.examples.name, evaluation.figures()
    pictures = plots.pictures(evaluation.predictions)
    for file, picture in pictures.items():
        plots.save(picture, folder / file)
    (folder / "metrics.json").write_bytes(encode_metrics({name: figures}))
    lines = (_by_label(evaluation.predictions), *_main_figures(figures))
    (folder / TEXT_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    card = model_card(
        evaluation.manifest,
        {name: figures},
        title=evaluation.manifest.reference,
        warnings=evaluation.warnings(),
        plots=list(pictures),
    )
    (folder / "model_card.md").write_text(card, encoding="utf-8")


def write_comparison(rows: Sequence[Compared], folder: Path) -> None:
    """Write comparison.json, comparison.md and comparison.png, over those of an earlier comparison."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "comparison.json").write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
    (folder / "comparison.md").write_text("\n".join(as_table(rows)) + "\n", encoding="utf-8")
    plots.save(plots.comparison(rows), folder / "comparison.png")


def _by_label(predictions: AnyPredictions) -> str:
    """Return scikit-learn's table of precision, recall and F1 by label."""
    names = predictions.labels.names
    report: str = classification_report(
        predictions.truth,
        predictions.given,
        labels=range(len(names)),
        target_names=names,
        digits=3,
        zero_division=0,
    )
    return report


def _main_figures(figures: AnyFigures) -> Iterator[str]:
    for name in figures.IN_CARD:
        yield f"{name_of(name)} {as_cell(name, getattr(figures, name), figures.intervals.get(name))}"
