"""One recipe, one data set, three ways to part training from test: how much of a figure is the leak.

The usual protocol for the treebank's phrases draws them at random. "a fine film" is then learned from and "a fine film
about" asked about, the two having been labelled together: the test set is half known. Texts that people send are not.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from sentigrade.calibration import Calibrator
from sentigrade.data.examples import Examples
from sentigrade.labels import LabelSet
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.calibrating import fit_calibrated
from sentigrade.training.linear import LinearParameters

_TEST_SHARE = 0.33


class Outcome(NamedTuple):
    """What two recipes reach under one protocol, on `test` texts after learning from `train`.

    known    share of the test texts whose sentence has phrases in the training part
    plain    accuracy of a CountVectorizer and a LinearSVC as they come
    ours     accuracy of the default recipe of `sentigrade train`
    """

    protocol: str
    train: int
    test: int
    known: float
    plain: float
    ours: float


def compare_protocols(labels: LabelSet, phrases: Examples, *, seed: int) -> Iterator[Outcome]:
    """Yield what the recipes reach under each protocol, the leakiest first; `phrases` are grouped by sentence."""
    unique = phrases.each_once()
    all_asked = replace(unique, whole=np.ones(len(unique), dtype=np.bool_))
    each_apart = replace(all_asked, groups=np.arange(len(unique)))
    for protocol, examples in (
        ("phrases, drawn at random", each_apart),
        ("phrases, no sentence on both sides", all_asked),
        ("whole sentences, none on both sides", unique),
    ):
        train, test = _part(examples, seed)
        yield Outcome(
            protocol=protocol,
            train=len(train),
            test=len(test),
            known=float(np.isin(unique.groups[test], unique.groups[train]).mean()),
            plain=_plain_accuracy(examples.pick(train), examples.pick(test), seed),
            ours=_our_accuracy(labels, examples.pick(train), examples.pick(test), seed),
        )


def as_table(outcomes: Iterator[Outcome]) -> Iterator[str]:
    """Yield the lines of a Markdown table, each as soon as it is known."""
    yield "| test texts | learned from | asked about | of a sentence that was learned from | plain recipe | ours |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for row in outcomes:
        yield f"| {row.protocol} | {row.train:,} | {row.test:,} | {row.known:.1%} | {row.plain:.3f} | {row.ours:.3f} |"


def _part(examples: Examples, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return training and test positions; only whole texts are asked about."""
    splitter = GroupShuffleSplit(1, test_size=_TEST_SHARE, random_state=seed)
    train, test = next(splitter.split(examples.texts, groups=examples.groups))
    return train, test[examples.whole[test]]


def _plain_accuracy(train: Examples, test: Examples, seed: int) -> float:
    pipeline = make_pipeline(CountVectorizer(), LinearSVC(random_state=seed)).fit(train.texts, train.labels)
    return float(pipeline.score(test.texts, test.labels))


def _our_accuracy(labels: LabelSet, train: Examples, test: Examples, seed: int) -> float:
    cleaner = Cleaner(CleaningProfile())
    model = fit_calibrated(labels, train, cleaner.clean(train.texts), LinearParameters(), seed=seed)
    cleaned = cleaner.clean(test.texts)
    lengths = list(map(token_count, cleaned))
    probabilities = Calibrator(model.calibration).probabilities(model.fitted.score(cleaned), lengths)
    return float((probabilities.argmax(axis=1) == test.labels).mean())
