"""The straight line: text -> Cleaner -> Classifier -> Answer. Every door calls `Scorer.score`."""

from collections.abc import Iterator, Sequence
from typing import Self

import msgspec
import numpy as np

from sentigrade.calibration import Calibrator
from sentigrade.model import Model
from sentigrade.text.cleaning import token_count

# Texts scored at once: enough to make numpy's calls cheap, few enough to keep memory flat.
_BLOCK = 256
# Digits that probabilities and scores keep: more is noise, and answers do not depend on the make-up of a batch.
_DIGITS = 6

_WARM_UP = "A warm, funny and well-made film."


class Answer(msgspec.Struct, omit_defaults=True, kw_only=True, frozen=True):
    """What a model says of one text; the fields that do not apply are absent from the JSON.

    `level` (0, 1, ...) and `polarity` (-1..1, the expected level rescaled) belong to ordinal label sets.
    `probabilities` and `scores` are by label name, in the order of the label set.
    """

    label: str
    level: int | None = None
    polarity: float | None = None
    probabilities: dict[str, float]
    scores: dict[str, float] | None = None
    model: str
    version: int


class Rejection(msgspec.Struct, kw_only=True, frozen=True):
    """Why one text could not be classified; its neighbours are answered all the same."""

    code: str
    detail: str


class Scorer:
    """A model ready to answer."""

    def __init__(self, model: Model, *, max_characters: int) -> None:
        """Texts of more than `max_characters` code points are rejected."""
        self.model = model
        self._calibrator = Calibrator(model.manifest.calibration)
        self._max_characters = max_characters
        labels = model.manifest.labels
        self._names = labels.names
        self._ordinal = labels.kind == "ordinal"
        self._polarities = np.array([label.polarity or 0.0 for label in labels.items])

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.manifest.name

    def prepare(self) -> Self:
        """Warm the cleaner with the model's words. Call it once, before workers fork."""
        self.model.cleaner.warm(self.model.classifier.words())
        return self

    def start(self) -> None:
        """Get ready in the process that will answer, and prove it with one answer."""
        self.model.classifier.start()
        list(self._answers([_WARM_UP], with_scores=True))

    def score(self, texts: Sequence[str], *, scores: bool = False) -> list[Answer | Rejection]:
        """Answer each text, in order; `scores` adds the family's decision values."""
        outcomes: list[Answer | Rejection] = []
        for start in range(0, len(texts), _BLOCK):
            outcomes.extend(self._score_block(texts[start : start + _BLOCK], scores))
        return outcomes

    def _score_block(self, texts: Sequence[str], with_scores: bool) -> Iterator[Answer | Rejection]:
        rejections = list(map(self._reject, texts))
        if not any(rejections):
            return self._answers(texts, with_scores)
        accepted = [text for text, rejection in zip(texts, rejections, strict=True) if rejection is None]
        answers = self._answers(accepted, with_scores) if accepted else iter(())
        return (rejection or next(answers) for rejection in rejections)

    def _reject(self, text: str) -> Rejection | None:
        if len(text) > self._max_characters:
            return Rejection(
                code="text_too_long",
                detail=f"The text has {len(text):,} characters; send at most {self._max_characters:,}, or split it.",
            )
        if "\0" in text:
            return Rejection(code="nul_character", detail="The text holds a NUL character; remove it.")
        if not text.isascii() and _has_surrogates(text):
            return Rejection(code="not_unicode", detail="The text is not valid Unicode; send it as UTF-8.")
        return None

    def _answers(self, texts: Sequence[str], with_scores: bool) -> Iterator[Answer]:
        cleaned = self.model.cleaner.clean(texts)
        scores = self.model.classifier.score(cleaned)
        probabilities = self._calibrator.probabilities(scores, list(map(token_count, cleaned)))
        return map(
            self._answer,
            probabilities.argmax(axis=1).tolist(),
            (probabilities @ self._polarities).tolist(),
            probabilities.tolist(),
            scores.tolist() if with_scores else [None] * len(texts),
        )

    def _answer(self, best: int, polarity: float, probabilities: list[float], scores: list[float] | None) -> Answer:
        return Answer(
            label=self._names[best],
            level=best if self._ordinal else None,
            polarity=round(polarity, _DIGITS) if self._ordinal else None,
            probabilities=self._by_name(probabilities),
            scores=None if scores is None else self._by_name(scores),
            model=self.model.manifest.name,
            version=self.model.manifest.version,
        )

    def _by_name(self, values: list[float]) -> dict[str, float]:
        return {name: round(value, _DIGITS) for name, value in zip(self._names, values, strict=True)}


def _has_surrogates(text: str) -> bool:
    """Whether a string holds what Python makes of bytes that were no UTF-8, or half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
