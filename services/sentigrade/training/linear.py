"""Fits family `linear`: a CountVectorizer and a LinearSVC on cleaned texts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Self

import joblib
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from sentigrade.errors import DataError
from sentigrade.training.learning import TrainingTexts

MODEL_FILE = "model.joblib"

_BLANK_SEPARATED = r"\S+"
# Close enough: a stricter solution takes ten times as long and grades no better.
_TOLERANCE = 0.01


class LinearParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that a search may change; the defaults won it (docs/training.md).

    longest_ngram    terms are sequences of 1 to this many tokens
    least_texts      longer terms than one token count if they stand in so many whole texts
    binary           a term counts once a text, however often it occurs
    c                how much an error weighs against large coefficients
    rarity           a term in d texts is weighed by d ** -rarity: the rare ones are freer to have an opinion
    decay            each further token of a term multiplies its weight by this
    naive_bayes      terms are weighed by what they say of a label, |log ratio| to this power; 0 leaves that out
    """

    extra: ClassVar[str | None] = None
    packages: ClassVar[tuple[str, ...]] = ("spacy", "scikit-learn", "numpy")

    longest_ngram: Annotated[int, Meta(ge=1, le=10)] = 2
    least_texts: Annotated[int, Meta(ge=1)] = 2
    binary: bool = True
    # Bounded, since beyond all reason scikit-learn could not compute with them.
    c: Annotated[float, Meta(gt=0, le=1e6)] = 0.03
    rarity: Annotated[float, Meta(ge=-10, le=10)] = 0.3
    decay: Annotated[float, Meta(gt=0, le=10)] = 0.7
    naive_bayes: Annotated[float, Meta(ge=0, le=10)] = 0.0

    def chosen(self, _texts: TrainingTexts, _seed: int, /) -> Self:
        """Return these parameters: nothing is tried out."""
        return self

    def noted(self) -> dict[str, Any]:
        """Return them by name."""
        return msgspec.structs.asdict(self)

    def fit(self, texts: TrainingTexts, *, seed: int) -> "FittedLinear":
        """Fit a CountVectorizer and a LinearSVC; the same for the same input and seed.

        Raises DataError when there is nothing to tell apart.
        """
        texts.require_different_labels()
        return FittedLinear(_fit(texts, self, seed=seed))


Parameters = LinearParameters


class FittedLinear(NamedTuple):
    """A pipeline of a CountVectorizer and a LinearSVC, fitted."""

    pipeline: Pipeline

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels, also for two labels."""
        scores: NDArray[np.float64] = self.pipeline.decision_function(cleaned)
        return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores

    def save(self, folder: Path) -> str:
        """Pickle the pipeline, small: coefficients to 7 digits, compressed."""
        vectorizer, svc = self.pipeline.named_steps["count"], self.pipeline.named_steps["classify"]
        svc.coef_ = svc.coef_.astype(np.float32)
        # An address in memory, which would make every file another one.
        vars(vectorizer).pop("_stop_words_id", None)
        joblib.dump(self.pipeline, folder / MODEL_FILE, compress=("zlib", 6), protocol=5)
        return MODEL_FILE


def _fit(texts: TrainingTexts, parameters: LinearParameters, *, seed: int) -> Pipeline:
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
    vectorizer.vocabulary_ = _attested(vectorizer, texts.whole, parameters.least_texts)
    counts = vectorizer.transform(texts.cleaned)
    weights = _term_weights(vectorizer.get_feature_names_out(), counts, parameters)
    fit = _fit_each if texts.targets.ndim > 1 or parameters.naive_bayes else _fit_together
    svc = fit(texts, counts, weights, parameters, seed)
    return Pipeline([("count", vectorizer), ("classify", svc)])


def _fit_together(
    texts: TrainingTexts, counts: csr_matrix, weights: NDArray[np.float64], parameters: LinearParameters, seed: int
) -> LinearSVC:
    svc = _svc(parameters, seed).fit(counts @ diags(weights), texts.targets)
    # Weighing terms and then fitting is fitting with weighed coefficients: the pipeline needs no step for it.
    svc.coef_ = svc.coef_ * weights
    return svc


def _fit_each(
    texts: TrainingTexts, counts: csr_matrix, weights: NDArray[np.float64], parameters: LinearParameters, seed: int
) -> LinearSVC:
    """Fit each label by itself, its terms weighed by what they say of it, and put the coefficients together."""
    several = texts.targets.ndim > 1
    count = len(texts.labels)
    # Of two alternatives scikit-learn keeps one column, the score for the second.
    asked = range(count) if several or count > 2 else (1,)
    rows, intercepts = [], []
    for label in asked:
        applies = texts.targets[:, label] if several else texts.targets == label
        own = weights * np.abs(_log_ratios(counts, applies == 1)) ** parameters.naive_bayes
        svc = _svc(parameters, seed).fit(counts @ diags(own), applies)
        rows.append(svc.coef_[0] * own)
        intercepts.append(svc.intercept_[0])
    svc.coef_, svc.intercept_ = np.array(rows), np.array(intercepts)
    svc.classes_ = np.array(texts.labels.ids) if several else np.unique(texts.targets)
    return svc


def _svc(parameters: LinearParameters, seed: int) -> LinearSVC:
    return LinearSVC(C=parameters.c, tol=_TOLERANCE, random_state=seed)


def _log_ratios(counts: csr_matrix, applies: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how much likelier each term is where the label applies, as logarithms, (terms,).

    Source: Wang, Manning, "Baselines and Bigrams", ACL 2012: the ratios of naive Bayes as weights for an SVM.
    """
    here, elsewhere = (1.0 + np.asarray(counts[rows].sum(axis=0)).ravel() for rows in (applies, ~applies))
    ratios: NDArray[np.float64] = np.log(here / here.sum()) - np.log(elsewhere / elsewhere.sum())
    return ratios


def _attested(vectorizer: CountVectorizer, whole: list[str], least_texts: int) -> dict[str, int]:
    """Return the vocabulary without the longer terms that hardly any whole text holds."""
    texts_with = np.bincount(vectorizer.transform(whole).indices, minlength=len(vectorizer.vocabulary_))
    terms = vectorizer.get_feature_names_out().tolist()
    kept = (term for term, texts in zip(terms, texts_with, strict=True) if " " not in term or texts >= least_texts)
    return {term: index for index, term in enumerate(kept)}


def _term_weights(terms: Sequence[str], counts: csr_matrix, parameters: LinearParameters) -> NDArray[np.float64]:
    """Return (terms,) weights; the scale of 20 texts gives `c` the same meaning with and without them."""
    texts_with = np.bincount(counts.indices, minlength=len(terms))
    further_tokens = np.array([term.count(" ") for term in terms])
    weights: NDArray[np.float64] = (texts_with / 20) ** -parameters.rarity * parameters.decay**further_tokens
    return weights
