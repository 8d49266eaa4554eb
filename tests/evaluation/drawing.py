"""Predictions whose calibration is known, since the truth is drawn from the probabilities."""

import numpy as np
from msgspec.structs import replace

from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.predictions import Predictions
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_multilabel


def drawn(count: int, *, seed: int) -> Predictions:
    """Return perfectly calibrated predictions of five levels."""
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(5), size=count)
    return Predictions(FIVE_LEVELS, probabilities, np.array([random.choice(5, p=row) for row in probabilities]))


def drawn_multilabel(count: int, *, seed: int) -> MultilabelPredictions:
    """Return perfectly calibrated predictions of three labels, the last of which is rare; ties are frequent."""
    random = np.random.default_rng(seed)
    probabilities = random.beta(0.7, (1.0, 2.0, 8.0), size=(count, 3)).round(2)
    truth = (random.random((count, 3)) < probabilities).astype(np.int64)
    return MultilabelPredictions(with_thresholds(0.5, 0.4, 0.2), probabilities, truth)


def with_thresholds(*thresholds: float) -> LabelSet:
    """Return a multi-label set, Label 1 and so on, with these thresholds."""
    labels = make_multilabel([f"Label {number + 1}" for number in range(len(thresholds))])
    pairs = zip(labels.items, thresholds, strict=True)
    return replace(labels, items=tuple(replace(label, threshold=threshold) for label, threshold in pairs))
