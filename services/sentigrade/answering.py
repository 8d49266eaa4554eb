"""From the numbers of a text to its answer, in the shape of the label set."""

from collections.abc import Mapping
from heapq import nlargest
from typing import Any

from sentigrade.answer import Answer
from sentigrade.errors import InvalidRequest
from sentigrade.labels import NEVER
from sentigrade.manifest import Manifest
from sentigrade.rounding import MILLIONTHS, millionths


class Answering:
    """Makes the answers of one model. `answer` takes a text's numbers, by label where there are several."""

    def __init__(self, manifest: Manifest) -> None:
        self._model, self._version = manifest.name, manifest.version
        labels = manifest.labels
        self._names = labels.names
        self._is_ordinal = labels.kind == "ordinal"
        self._thresholds = {label.name: label.threshold or 0.0 for label in labels.items}
        self._name_of = {**dict(zip(labels.ids, labels.names, strict=True)), **{name: name for name in labels.names}}
        self.is_multilabel = labels.kind == "multilabel"
        self.answer = self._any_number if self.is_multilabel else self._one

    def _one(self, best: int, polarity: float, probabilities: list[float], scores: list[float] | None) -> Answer:
        return Answer(
            label=self._names[best],
            level=best if self._is_ordinal else None,
            polarity=round(polarity * MILLIONTHS) / MILLIONTHS if self._is_ordinal else None,
            probabilities=self._by_name(probabilities),
            scores=None if scores is None else self._by_name(scores),
            model=self._model,
            version=self._version,
        )

    def _any_number(
        self, _best: int, _polarity: float, probabilities: list[float], scores: list[float] | None
    ) -> Answer:
        by_name = self._by_name(probabilities)
        return Answer(
            **applying(by_name, self._thresholds),
            probabilities=by_name,
            scores=None if scores is None else self._by_name(scores),
            model=self._model,
            version=self._version,
        )

    def thresholds(self, given: Mapping[str, float]) -> dict[str, float]:
        """Return the threshold of each label, those of the caller (by name or id) in place of the model's.

        Raises InvalidRequest for a label that there is not or that stands twice, and for a model that gives one label.
        """
        if not self.is_multilabel:
            raise InvalidRequest(
                f"{self._model} gives one label, the most probable; thresholds are for multi-label models.",
                pointer="/thresholds",
            )
        named = {self._name_of.get(label, ""): value for label, value in given.items()}
        if "" in named or len(named) < len(given):
            labels = ", ".join(self._names)
            detail = f"thresholds names a label that {self._model} does not have, or one twice; it has {labels}."
            raise InvalidRequest(detail, pointer="/thresholds")
        return {**self._thresholds, **named}

    def _by_name(self, values: list[float]) -> dict[str, float]:
        return {name: count / MILLIONTHS for name, count in zip(self._names, millionths(values), strict=True)}


def applying(probabilities: Mapping[str, float], thresholds: dict[str, float]) -> dict[str, Any]:
    """Return parts of an answer: the labels that reach their threshold, the most probable first, and the thresholds."""
    labels = [name for name, probability in probabilities.items() if probability >= thresholds[name] < NEVER]
    return {"labels": tuple(sorted(labels, key=probabilities.__getitem__, reverse=True)), "thresholds": thresholds}


def most_probable(answer: Answer, count: int) -> dict[str, Any]:
    """Return the parts of an answer for its most probable labels alone, in that order."""
    names = nlargest(count, answer.probabilities, key=answer.probabilities.__getitem__)
    kept: dict[str, Any] = {"probabilities": {name: answer.probabilities[name] for name in names}}
    if answer.scores:
        kept["scores"] = {name: answer.scores[name] for name in names}
    if answer.labels:
        kept["labels"] = tuple(label for label in answer.labels if label in names)
    return kept
