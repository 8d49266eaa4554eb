"""Fits family `linear`: a CountVectorizer and a LinearSVC on cleaned texts."""

from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from sentigrade.errors import TrainingDataError

_BLANK_SEPARATED = r"\S+"


class LinearParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that a search may change; the defaults won it (docs/training.md).

    longest_ngram      terms are sequences of 1 to this many tokens
    binary             a term counts once a text, however often it occurs
    c                  how much an error weighs against large coefficients
    """

    longest_ngram: int = 2
    binary: bool = True
    c: float = 0.02


def fit_linear(cleaned: list[str], labels: NDArray[np.int64], parameters: LinearParameters, *, seed: int) -> Pipeline:
    """Return a pipeline fitted to cleaned texts and their labels (n,); the same for the same input and seed.

    Raises TrainingDataError when there is nothing to tell apart.
    """
    if len(np.unique(labels)) < 2:
        raise TrainingDataError("all training texts have the same label; a classifier needs at least two")
    pipeline = Pipeline(
        [
            (
                "count",
                CountVectorizer(
                    token_pattern=_BLANK_SEPARATED,
                    lowercase=False,
                    ngram_range=(1, parameters.longest_ngram),
                    binary=parameters.binary,
                ),
            ),
            ("classify", LinearSVC(C=parameters.c, random_state=seed)),
        ]
    )
    try:
        return pipeline.fit(cleaned, labels)
    except ValueError as error:
        raise TrainingDataError(f"nothing can be learned from these texts: {error}") from None


def decision_scores(pipeline: Pipeline, cleaned: list[str]) -> NDArray[np.float64]:
    """Return scores, texts x labels, also for two labels."""
    scores: NDArray[np.float64] = pipeline.decision_function(cleaned)
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def save_linear(pipeline: Pipeline, path: Path) -> None:
    """Pickle a fitted pipeline, small: coefficients to 7 digits, plain integers, compressed."""
    count, svc = pipeline.named_steps["count"], pipeline.named_steps["classify"]
    svc.coef_ = svc.coef_.astype(np.float32)
    vocabulary: dict[str, Any] = count.vocabulary_
    count.vocabulary_ = {term: int(index) for term, index in vocabulary.items()}
    joblib.dump(pipeline, path, compress=("zlib", 6), protocol=5)
