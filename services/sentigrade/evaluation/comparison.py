"""Several models on the same texts: how good, how fast, how large.

Each model answers in a process of its own, so that no model's memory or warm caches are counted for another.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import msgspec

from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.evaluation.bootstrap import Interval
from sentigrade.evaluation.evaluate import evaluate, require_different
from sentigrade.evaluation.figures import AnyFigures
from sentigrade.evaluation.naming import as_cell, ends_of, name_of
from sentigrade.evaluation.predictions import AnyPredictions, gain
from sentigrade.labels import LabelSet
from sentigrade.model import Model
from sentigrade.scorer import Scorer

# Texts that are asked about one at a time.
_MOST_SINGLES = 500
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

_COST_COLUMNS = ("one text, us", "texts/s", "file, MB", "memory, MB")

Open = Callable[[str], Model]
Read = Callable[[LabelSet], Examples]


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to answer, in one process.

    Both times are of texts that this process has not met before. `file_mb` is the model file, `memory_mb` what the
    process has grown by when the model is ready.
    """

    one_text_us: float
    texts_per_second: float
    file_mb: float
    memory_mb: float


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One model of a comparison; `gain` is the 95 % interval of its main figure minus that of the first one.

    The main figure is the accuracy, of multi-label models the mean AUC.
    """

    model: str
    figures: AnyFigures
    gain: Interval | None
    cost: Cost
    warnings: list[str]


class _Result(NamedTuple):
    model: str
    predictions: AnyPredictions
    figures: AnyFigures
    cost: Cost
    warnings: list[str]


def compare(references: Sequence[str], open_model: Open, read: Read, *, max_characters: int) -> Iterator[Compared]:
    """Yield one model after the other, in the order given; progress goes to standard error.

    `open_model` and `read` run in other processes, so they must be picklable. Raises DataError for models that do not
    have the same labels, and whatever `open_model` and `read` raise.
    """
    first: _Result | None = None
    for reference in references:
        # A pool is one process: the next model gets a new one.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            labels = first and first.predictions.labels
            result = process.submit(_measure, reference, open_model, read, max_characters, labels).result()
        yield Compared(
            model=result.model,
            figures=result.figures,
            gain=gain(first.predictions, result.predictions) if first else None,
            cost=result.cost,
            warnings=result.warnings,
        )
        first = first or result


def as_table(rows: Sequence[Compared]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    main, *others = map(name_of, rows[0].figures.COMPARED)
    columns = ("model", main, "more than the first", *others, *_COST_COLUMNS)
    yield f"| {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * (len(columns) - 1)}"
    for row in rows:
        yield f"| {' | '.join(_cells(row))} |"


def _cells(row: Compared) -> list[str]:
    figures, cost = row.figures, row.cost
    main, *others = figures.COMPARED
    return [
        row.model,
        as_cell(main, getattr(figures, main), figures.intervals.get(main)),
        ends_of(row.gain, sign="+") if row.gain else "",
        *(as_cell(name, getattr(figures, name)) for name in others),
        f"{cost.one_text_us:,.0f}",
        f"{cost.texts_per_second:,.0f}",
        f"{cost.file_mb:.1f}",
        f"{cost.memory_mb:.0f}",
    ]


def _measure(reference: str, open_model: Open, read: Read, max_characters: int, expected: LabelSet | None) -> _Result:
    before = _resident_bytes()
    model = open_model(reference)
    labels = model.manifest.labels
    _require_same_labels(model.manifest.reference, labels, expected or labels)
    scorer = Scorer(model, max_characters=max_characters).prepare()
    scorer.start()
    memory = _resident_bytes() - before
    examples = read(labels)
    require_different(labels, examples)
    one_text, per_second = _speed(scorer, examples.texts)
    evaluation = evaluate(scorer, examples)
    size = sum(entry.bytes for entry in model.manifest.files.values() if entry.role == "model")
    cost = Cost(one_text_us=one_text, texts_per_second=per_second, file_mb=size / 1e6, memory_mb=memory / 1e6)
    return _Result(
        model.manifest.reference,
        evaluation.predictions,
        evaluation.figures(),
        cost,
        evaluation.warnings(),
    )


def _require_same_labels(reference: str, labels: LabelSet, first: LabelSet) -> None:
    if labels.ids != first.ids:
        raise DataError(
            f"{reference} has other labels ({', '.join(labels.ids)}) than the first model ({', '.join(first.ids)}): "
            "compare models of the same labels"
        )
    if (labels.kind == "multilabel") != (first.kind == "multilabel"):
        raise DataError(
            f"only one of {reference} and the first model gives any number of labels: compare models of one kind"
        )


def _speed(scorer: Scorer, texts: Sequence[str]) -> tuple[float, float]:
    """Return the microseconds for one text and the texts a second in lists; each text is asked about once."""
    singles = min(_MOST_SINGLES, len(texts) // 2)
    started = perf_counter()
    for text in texts[:singles]:
        scorer.score([text])
    between = perf_counter()
    scorer.score(texts[singles:])
    ended = perf_counter()
    return (between - started) / singles * 1e6, (len(texts) - singles) / (ended - between)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
