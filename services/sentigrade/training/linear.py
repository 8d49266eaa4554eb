"""Fits family `linear`: a CountVectorizer and a LinearSVC on cleaned texts."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import joblib
import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from sentigrade.errors import DataError

_BLANK_SEPARATED = r"\S+"
# Sequences of words that stand in one text only are not worth their space.
_LEAST_TEXTS = 2
# Close enough: a stricter solution takes ten times as long and grades no better.
_TOLERANCE = 0.01


class LinearParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that a search may change; the defaults won it (docs/training.md).

    longest_ngram    terms are sequences of 1 to this many tokens
    binary           a term counts once a text, however often it occurs
    c                how much an error weighs against large coefficients
    rarity           a term in d texts is weighed by d ** -rarity: the rare ones are freer to have an opinion
    decay            each further token of a term multiplies its weight by this
    """

    longest_ngram: int = 2
    binary: bool = True
    c: float = 0.03
    rarity: float = 0.3
    decay: float = 0.7


class TrainingTexts(NamedTuple):
    """Cleaned texts to fit: each different one once a label, and the whole texts among them."""

    cleaned: list[str]
    labels: NDArray[np.int64]
    whole: list[str]

    @classmethod
    def of(cls, cleaned: list[str], labels: NDArray[np.int64], whole: NDArray[np.bool_]) -> Self:
        """Take the texts (n) of these labels (n,), of which `whole` (n,) says that they are no phrases."""
        pairs = list(dict.fromkeys(zip(cleaned, labels.tolist(), strict=True)))
        return cls(
            cleaned=[text for text, _ in pairs],
            labels=np.array([label for _, label in pairs], dtype=np.int64),
            whole=[cleaned[position] for position in np.flatnonzero(whole)],
        )


def fit_linear(texts: TrainingTexts, parameters: LinearParameters, *, seed: int) -> Pipeline:
    """Return a fitted pipeline of a CountVectorizer and a LinearSVC; the same for the same input and seed.

    Raises DataError when there is nothing to tell apart.
    """
    if len(np.unique(texts.labels)) < 2:
        raise DataError("all training texts have the same label; a classifier needs at least two")
    vectorizer = CountVectorizer(
        token_pattern=_BLANK_SEPARATED,
        lowercase=False,
        ngram_range=(1, parameters.longest_ngram),
        binary=parameters.binary,
    )
    try:
        vectorizer.fit(texts.cleaned)
    except ValueError as error:
        raise DataError(f"nothing can be learned from these texts: {error}") from None
    vectorizer.vocabulary_ = _attested(vectorizer, texts.whole)
    counts = vectorizer.transform(texts.cleaned)
    weights = _term_weights(vectorizer.get_feature_names_out(), counts, parameters)
    svc = LinearSVC(C=parameters.c, tol=_TOLERANCE, random_state=seed).fit(counts @ diags(weights), texts.labels)
    # Weighing terms and then fitting is fitting with weighed coefficients: the pipeline needs no step for it.
    svc.coef_ = svc.coef_ * weights
    return Pipeline([("count", vectorizer), ("classify", svc)])


def decision_scores(pipeline: Pipeline, cleaned: list[str]) -> NDArray[np.float64]:
    """Return scores, texts x labels, also for two labels."""
    scores: NDArray[np.float64] = pipeline.decision_function(cleaned)
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def save_linear(pipeline: Pipeline, path: Path) -> None:
    """Pickle a fitted pipeline, small: coefficients to 7 digits, compressed."""
    vectorizer, svc = pipeline.named_steps["count"], pipeline.named_steps["classify"]
    svc.coef_ = svc.coef_.astype(np.float32)
    # An address in memory, which would make every file another one.
    vars(vectorizer).pop("_stop_words_id", None)
    joblib.dump(pipeline, path, compress=("zlib", 6), protocol=5)


def _attested(vectorizer: CountVectorizer, whole: list[str]) -> dict[str, int]:
    """Return the vocabulary without the longer terms that hardly any whole text holds."""
    texts_with = np.bincount(vectorizer.transform(whole).indices, minlength=len(vectorizer.vocabulary_))
    terms = vectorizer.get_feature_names_out().tolist()
    kept = (term for term, texts in zip(terms, texts_with, strict=True) if " " not in term or texts >= _LEAST_TEXTS)
    return {term: index for index, term in enumerate(kept)}


def _term_weights(terms: Sequence[str], counts: csr_matrix, parameters: LinearParameters) -> NDArray[np.float64]:
    """Return (terms,) weights; the scale of 20 texts gives `c` the same meaning with and without them."""
    texts_with = np.bincount(counts.indices, minlength=len(terms))
    further_tokens = np.array([term.count(" ") for term in terms])
    weights: NDArray[np.float64] = (texts_with / 20) ** -parameters.rarity * parameters.decay**further_tokens
    return weights
