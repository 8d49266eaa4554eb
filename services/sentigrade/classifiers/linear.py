"""Family `linear`: a CountVectorizer and a LinearSVC, compiled into a flat table.

scikit-learn spends half a millisecond on one sentence, nearly all of it on building a sparse matrix. The fitted
numbers are a table with a row for each term; the scores of a text are the sum of its terms' rows and the
intercept. Compiled and original give the same scores (a property test holds that to 1e-6).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.classifiers.guarded_pickle import Record, open_guarded
from sentigrade.errors import ModelFolderError
from sentigrade.labels import LabelSet, slug_of

# Row 0 of the table; every text has it once, so no text is without rows.
_INTERCEPT = 0

_BLANK_SEPARATED = r"\S+"


class LinearClassifier:
    """The compiled form of a fitted pipeline."""

    def __init__(self, vectorizer: Record, svc: Record) -> None:
        state = vectorizer.__dict__
        _require_supported(state)
        self._tokens = _tokens_of(state)
        self._lengths = range(state["ngram_range"][0], state["ngram_range"][1] + 1)
        self._binary = bool(state["binary"])
        self._rows = {str(term): int(index) + 1 for term, index in state["vocabulary_"].items()}
        if set(self._rows.values()) != set(range(1, len(self._rows) + 1)):
            raise ValueError("the vocabulary does not number its terms from 0")
        self._table = _table(svc.__dict__, terms=len(self._rows))

    @classmethod
    def load(cls, content: bytes, name: str, labels: LabelSet) -> Self:
        """Read the bytes of a pickled pipeline, which `name` names in errors; a column of scores is a label.

        Raises ModelFolderError when the pickle is not such a pipeline or was fitted to other labels.
        """
        opened = open_guarded(content, name)
        try:
            vectorizer, svc = steps(opened)
            classifier = cls(vectorizer, svc)
            _require_labels(np.asarray(svc.__dict__["classes_"]).tolist(), labels)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, re.error) as error:
            raise ModelFolderError(f"{name} is not a fitted CountVectorizer and LinearSVC: {error}") from error
        return classifier

    def start(self) -> None:
        """Do nothing: a table survives a fork."""

    def words(self) -> Iterable[str]:
        """Return the single words of the vocabulary."""
        return (term for term in self._rows if " " not in term)

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels; those of scikit-learn's `decision_function`."""
        rows = list(map(self._rows_of, cleaned))
        starts = list(accumulate(map(len, rows[:-1]), initial=0))
        return np.add.reduceat(self._table.take(list(chain.from_iterable(rows)), axis=0), starts, axis=0)

    def _rows_of(self, cleaned: str) -> list[int]:
        """Return the table rows of a text's terms: n-grams of tokens, counted as often as they occur."""
        tokens = self._tokens(cleaned)
        rows = [_INTERCEPT]
        for length in self._lengths:
            terms = tokens if length == 1 else map(" ".join, zip(*(tokens[i:] for i in range(length)), strict=False))
            rows.extend(filter(None, map(self._rows.get, terms)))
        return list(set(rows)) if self._binary else rows


def steps(pipeline: object) -> tuple[Record, Record]:
    """Return the vectorizer and the classifier; raises ModelFolderError for anything but a pipeline of the two."""
    if isinstance(pipeline, Record) and pipeline.kind == "Pipeline":
        found = [step for _, step in pipeline.__dict__.get("steps", ())]
        if [getattr(step, "kind", None) for step in found] == ["CountVectorizer", "LinearSVC"]:
            return found[0], found[1]
    raise ModelFolderError("the pickle is not a Pipeline of a CountVectorizer and a LinearSVC")


def _require_labels(classes: list[Any], labels: LabelSet) -> None:
    """Raise ValueError unless the classes, one a column, are as many rising numbers or the labels' ids in order."""
    if len(classes) != len(labels):
        raise ValueError(f"it was fitted to {len(classes)} labels, the manifest lists {len(labels)}")
    numbered = all(isinstance(name, int) for name in classes) and classes == sorted(set(classes))
    if not numbered and [slug_of(str(name)) for name in classes] != [*labels.ids]:
        raise ValueError("its classes are neither rising numbers nor the ids of the label set")


def _require_supported(state: dict[str, Any]) -> None:
    custom = [name for name in ("tokenizer", "preprocessor", "strip_accents") if state.get(name) is not None]
    if state["analyzer"] != "word":
        custom.append("analyzer")
    if isinstance(state.get("stop_words"), str):
        custom.append("stop_words")
    if custom:
        raise ModelFolderError(f"a CountVectorizer with its own {', '.join(custom)} is not supported: clean instead")


def _tokens_of(state: dict[str, Any]) -> Callable[[str], list[str]]:
    """Return the vectorizer's way from a text to its tokens."""
    pattern, lower = state["token_pattern"], state["lowercase"]
    stop_words = frozenset(state.get("stop_words") or ())
    if pattern == _BLANK_SEPARATED and not lower and not stop_words:
        return str.split
    find = re.compile(pattern).findall

    def tokens(text: str) -> list[str]:
        found: list[str] = find(text.lower() if lower else text)
        return [token for token in found if token not in stop_words]

    return tokens


def _table(state: dict[str, Any], *, terms: int) -> NDArray[np.float64]:
    """Return a row for the intercept and one for each term in the order of the vocabulary; a column a label."""
    coefficients = np.asarray(state["coef_"], dtype=np.float64)
    intercept = np.broadcast_to(np.asarray(state["intercept_"], dtype=np.float64), coefficients.shape[:1])
    if coefficients.shape[1] != terms:
        raise ValueError(f"{terms} terms, but coefficients for {coefficients.shape[1]}")
    table = np.vstack([intercept, coefficients.T])
    if not np.isfinite(table).all():
        raise ValueError("a coefficient is not a finite number")
    # Of two labels scikit-learn keeps one column, the score for the second.
    return np.hstack([-table, table]) if table.shape[1] == 1 else table
