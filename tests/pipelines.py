"""Pipelines from elsewhere: fitted by scikit-learn alone, without a Cleaner."""

from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC


def fit(texts: Sequence[str], labels: Sequence[int | str], **vectorizer: Any) -> Pipeline:  # noqa: ANN401 - parameters
    """Fit a CountVectorizer and a LinearSVC."""
    steps = [("count", CountVectorizer(**vectorizer)), ("classify", LinearSVC(random_state=0))]
    return Pipeline(steps).fit(texts, labels)
