"""Family `linear`: a CountVectorizer and a LinearSVC, compiled into a flat table.

scikit-learn spends half a millisecond on one sentence, nearly all of it on building a sparse matrix. The fitted
numbers are a table with a row for each term; the scores of a text are the sum of its terms' rows and the
intercept. Compiled and original give the same scores (a property test holds that to 1e-6).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.classifiers.analyzing import Analyzer
from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.guarded_pickle import Record, open_guarded
from sentigrade.errors import ModelFolderError
from sentigrade.labels import LabelSet, slug_of

# Row 0 of the table; every text has it once, so no text is without rows.
_INTERCEPT = 0


class LinearClassifier:
    """The compiled form of a fitted pipeline."""

    def __init__(self, vectorizer: Record, svc: Record) -> None:
        state = vectorizer.__dict__
        self._analyzer = Analyzer(state)
        self._lengths = range(state["ngram_range"][0], state["ngram_range"][1] + 1)
        self._binary = bool(state["binary"])
        self._rows = {str(term): int(index) + 1 for term, index in state["vocabulary_"].items()}
        if set(self._rows.values()) != set(range(1, len(self._rows) + 1)):
            raise ValueError("the vocabulary does not number its terms from 0")
        self._table = _table(svc.__dict__, terms=len(self._rows))
        # The same numbers, quicker to take one by one.
        self._columns = [column.data for column in self._table.T]

    @classmethod
    def load(cls, parts: Parts) -> Self:
        """Read a pickled pipeline; a column of its scores is a label.

        Raises ModelFolderError when the pickle is not such a pipeline or was fitted to other labels.
        """
        opened = open_guarded(parts.content, parts.file)
        try:
            vectorizer, svc = steps(opened)
            classifier = cls(vectorizer, svc)
            _require_labels(np.asarray(svc.__dict__["classes_"]).tolist(), parts.labels)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, re.error) as error:
            raise ModelFolderError(f"{parts.file} is not a fitted CountVectorizer and LinearSVC: {error}") from error
        return classifier

    def start(self) -> None:
        """Do nothing: a table survives a fork."""

    def words(self) -> Iterable[str]:
        """Return the single words of the vocabulary."""
        return (term for term in self._rows if " " not in term)

    def known_words(self, cleaned: str) -> int:
        """Return how many words of a cleaned text are in the vocabulary."""
        return sum(map(self._rows.__contains__, self._analyzer.words(cleaned)))

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels; those of scikit-learn's `decision_function`."""
        rows = list(map(self._rows_of, cleaned))
        starts = list(accumulate(map(len, rows[:-1]), initial=0))
        return np.add.reduceat(self._table.take(list(chain.from_iterable(rows)), axis=0), starts, axis=0)

    def contributions(self, tokens: Sequence[str], label: int) -> tuple[float, list[float]]:
        """Return the intercept of a label and what each cleaned token adds to it.

        A term's weight is split evenly over its words, and over its occurrences where the vectorizer only notes that it
        occurs.
        """
        words, owners = self._analyzer.owned_words(tokens)
        weights = self._columns[label]
        added = [0.0] * len(tokens)
        for length in self._lengths:
            rows = list(map(self._rows.get, _terms(words, length)))
            occurrences = self._occurrences(rows)
            if length == 1 and not occurrences:  # nearly always, and a third quicker so
                for owner, row in zip(owners, rows, strict=True):
                    if row:
                        added[owner] += weights[row]
                continue
            # The tokens that a term stands in: those of its first word, of its second, ...
            for owned, row in zip(zip(*(owners[i:] for i in range(length)), strict=False), rows, strict=True):
                if row:
                    share = weights[row] / (length * occurrences.get(row, 1))
                    for owner in owned:
                        added[owner] += share
        return weights[_INTERCEPT], added

    def _occurrences(self, rows: Iterable[int | None]) -> Mapping[int, int]:
        """Return over how many occurrences a term's weight is split; one for terms that are not among them."""
        if not self._binary:
            return {}
        known = list(filter(None, rows))
        return Counter(known) if len(set(known)) < len(known) else {}

    def _rows_of(self, cleaned: str) -> list[int]:
        """Return the table rows of a text's terms: n-grams of words, counted as often as they occur."""
        words = self._analyzer.words(cleaned)
        rows = [_INTERCEPT]
        for length in self._lengths:
            rows.extend(filter(None, map(self._rows.get, _terms(words, length))))
        return list(set(rows)) if self._binary else rows


load = LinearClassifier.load


def _terms(words: list[str], length: int) -> Iterable[str]:
    return words if length == 1 else map(" ".join, zip(*(words[i:] for i in range(length)), strict=False))


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
