"""The comparison with scikit-learn is of the same work: what comes out is the same."""

import csv

import pytest

from bench.batch.commands import any_core, batch, contender, scored
from bench.batch.same_labels import require_same_labels
from bench.batch.tables import Tables
from bench.errors import BenchError

OURS = batch("ours", "sentiment", any_core(), "--processes", "1")
SCIKIT_LEARN = contender("scikit-learn", "scikit_learn", any_core())
SPACY = contender("spaCy", "spacy_pipeline", any_core())


def test_scikit_learn_writes_what_ours_writes(tables: Tables) -> None:
    outputs = []
    for command in (OURS, SCIKIT_LEARN):
        with scored(command, tables.of(2_000)) as came, came.output.open(newline="", encoding="utf-8") as lines:
            outputs.append(list(csv.DictReader(lines)))
    for ours, others in zip(*outputs, strict=True):
        assert list(ours) == list(others)
        numbers = [name for name in ours if name.startswith(("polarity", "probability"))]
        assert [float(ours.pop(name)) for name in numbers] == pytest.approx(
            [float(others.pop(name)) for name in numbers], abs=2e-6
        )
        assert ours == others  # id, text, label, level, model and version, to the letter


def test_the_bench_ends_where_a_contender_does_other_work(tables: Tables) -> None:
    with pytest.raises(BenchError, match=r"spaCy labels row \d+ '.+', ours '.+': they differ in work"):
        require_same_labels(OURS, SPACY, tables.of(40))
