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
from sentigrade.labels import LabelSet
from sentigrade.training.learning import TrainingTexts, Unseen

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
    unseen: ClassVar[Unseen] = "folds"

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

    def fit(self, texts: TrainingTexts, *, seed: int, further: "FurtherTexts | None" = None) -> "FittedLinear":
        """Fit a CountVectorizer and a LinearSVC, to further texts too; the same for the same input and seed.

        Raises DataError when there is nothing to tell apart.
        """
        texts.require_different_labels()
        return FittedLinear(_fit(texts, further, self, seed=seed))


Parameters = LinearParameters


class FurtherTexts(NamedTuple):
    """n cleaned texts, each once, whose labels a teacher gave; they are learned from too, but bring fewer terms.

    targets             (n,) positions of the labels
    weight              how much one of them counts against a labelled text
    least_texts         longer terms than one token that they bring count if so many of them hold it
    least_word_texts    terms of one token likewise
    """

    cleaned: list[str]
    targets: NDArray[np.int64]
    weight: float
    least_texts: int
    least_word_texts: int


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


def _fit(texts: TrainingTexts, further: FurtherTexts | None, parameters: LinearParameters, *, seed: int) -> Pipeline:
    vectorizer = CountVectorizer(
        token_pattern=_BLANK_SEPARATED,
        lowercase=False,
        ngram_range=(1, parameters.longest_ngram),
        binary=parameters.binary,
    )
    try:
        terms = _terms(vectorizer, texts.cleaned, whole=texts.whole, least=(0, parameters.least_texts))
    except ValueError as error:
        raise DataError(f"nothing can be learned from these texts: {error}") from None
    cleaned, targets, text_weights = texts.cleaned, texts.targets, None
    if further:
        least = (further.least_word_texts, further.least_texts)
        terms |= _terms(vectorizer, further.cleaned, whole=further.cleaned, least=least)
        text_weights = np.repeat([1.0, further.weight], [len(cleaned), len(further.cleaned)])
        cleaned, targets = cleaned + further.cleaned, np.concatenate([targets, further.targets])
    vectorizer.vocabulary_ = {term: index for index, term in enumerate(sorted(terms))}
    counts = vectorizer.transform(cleaned)
    term_weights = _term_weights(vectorizer.get_feature_names_out(), counts, parameters)
    fit = _fit_each if targets.ndim > 1 or parameters.naive_bayes else _fit_together
    svc = fit(_Weighed(texts.labels, targets, counts, term_weights, text_weights), parameters, seed)
    if further:
        vectorizer.vocabulary_ = _frequent_first(vectorizer.vocabulary_, counts)
    return Pipeline([("count", vectorizer), ("classify", svc)])


class _Weighed(NamedTuple):
    """n texts with m terms, and what both weigh.

    targets         (n,) or (n, labels), as in TrainingTexts
    counts          (n, m) how often each text has each term
    term_weights    (m,)
    text_weights    (n,), None where each text weighs the same
    """

    labels: LabelSet
    targets: NDArray[np.int64]
    counts: csr_matrix
    term_weights: NDArray[np.float64]
    text_weights: NDArray[np.float64] | None


def _fit_together(texts: _Weighed, parameters: LinearParameters, seed: int) -> LinearSVC:
    svc = _svc(parameters, seed).fit(texts.counts @ diags(texts.term_weights), texts.targets, texts.text_weights)
    # Weighing terms and then fitting is fitting with weighed coefficients: the pipeline needs no step for it.
    svc.coef_ = svc.coef_ * texts.term_weights
    return svc


def _fit_each(texts: _Weighed, parameters: LinearParameters, seed: int) -> LinearSVC:
    """Fit each label by itself, its terms weighed by what they say of it, and put the coefficients together."""
    several = texts.targets.ndim > 1
    count = len(texts.labels)
    # Of two alternatives scikit-learn keeps one column, the score for the second.
    asked = range(count) if several or count > 2 else (1,)
    rows, intercepts = [], []
    for label in asked:
        applies = texts.targets[:, label] if several else texts.targets == label
        own = texts.term_weights * np.abs(_log_ratios(texts.counts, applies == 1)) ** parameters.naive_bayes
        svc = _svc(parameters, seed).fit(texts.counts @ diags(own), applies, texts.text_weights)
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


def _terms(vectorizer: CountVectorizer, cleaned: list[str], *, whole: list[str], least: tuple[int, int]) -> set[str]:
    """Return the terms in the cleaned texts without those that hardly any whole text holds.

    `least` says how many must hold a term of one token, and a longer one. Raises ValueError for texts without tokens.
    """
    vectorizer.fit(cleaned)
    texts_with = np.bincount(vectorizer.transform(whole).indices, minlength=len(vectorizer.vocabulary_))
    terms = vectorizer.get_feature_names_out().tolist()
    return {term for term, texts in zip(terms, texts_with, strict=True) if texts >= least[" " in term]}


def _frequent_first(vocabulary: dict[str, int], counts: csr_matrix) -> dict[str, int]:
    """Return the vocabulary in the order of how many texts hold a term.

    A worker counts references to each term that it looks up, and so gets a copy of its page for itself: of a large
    vocabulary, read in this order, the terms that occur lie on few pages.
    """
    texts_with = np.bincount(counts.indices, minlength=len(vocabulary))
    return dict(sorted(vocabulary.items(), key=lambda term: -texts_with[term[1]]))


def _term_weights(terms: Sequence[str], counts: csr_matrix, parameters: LinearParameters) -> NDArray[np.float64]:
    """Return (terms,) weights; the scale of 20 texts gives `c` the same meaning with and without them."""
    texts_with = np.bincount(counts.indices, minlength=len(terms))
    further_tokens = np.array([term.count(" ") for term in terms])
    weights: NDArray[np.float64] = (texts_with / 20) ** -parameters.rarity * parameters.decay**further_tokens
    return weights
