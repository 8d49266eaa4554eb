"""`python -m bench.batch.contenders.scikit_learn SOURCE SINK`: the pickled pipeline over a CSV, in large batches.

What a data team would write that has our cleaner and calibration: it writes the columns that `sentigrade batch` writes.
"""

import csv
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from bench.pickled_pipeline import PickledPipeline
from sentigrade.calibration import Calibrator
from sentigrade.model import Model
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.text.cleaning import token_count
from sentigrade.wire.rows.answer_columns import AnswerColumns

_BATCH_ROWS = 10_000


def main() -> None:
    """Score the column `text` of a CSV of columns id and text."""
    source, sink = map(Path, sys.argv[1:])
    settings = Settings.from_environ(os.environ)
    grader = _Grader(open_model(settings.references[0], settings))
    with source.open(newline="", encoding="utf-8") as read, (sink / source.name).open("w", newline="") as written:
        rows, writer = csv.reader(read), csv.writer(written, lineterminator="\n")
        writer.writerow([*next(rows), *grader.columns])
        while batch := list(islice(rows, _BATCH_ROWS)):
            answers = grader.grade([text for _, text in batch])
            writer.writerows([*row, *answer] for row, answer in zip(batch, answers, strict=True))


class _Grader:
    def __init__(self, model: Model) -> None:
        self._pipeline = PickledPipeline(model.folder / "model.joblib")
        self._calibrator = Calibrator(model.manifest.calibration)
        self._cleaner = model.cleaner
        self._cleaner.warm(self._pipeline.words())
        labels = model.manifest.labels
        self._names = labels.names
        self._polarities = np.array([label.polarity for label in labels.items], dtype=np.float64)
        self._model = (model.manifest.name, model.manifest.version)
        self.columns = AnswerColumns(labels).names

    def grade(self, texts: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Give the columns of each text."""
        cleaned = self._cleaner.clean(texts)
        scores = self._pipeline.score(cleaned)
        probabilities = self._calibrator.probabilities(scores, list(map(token_count, cleaned)))
        levels = probabilities.argmax(axis=1).tolist()
        polarities = (probabilities @ self._polarities).round(6).tolist()
        for level, polarity, row in zip(levels, polarities, probabilities.round(6).tolist(), strict=True):
            yield self._names[level], level, polarity, *row, *self._model


main()
