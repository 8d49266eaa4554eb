"""What a text is answered with, in the shape that every door gives out. Light to import: clients use it too."""

from typing import Self

import msgspec
from msgspec.structs import replace


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word's part in a score; `start` and `end` are code points of the raw text."""

    start: int
    end: int
    weight: float


class Explanation(msgspec.Struct, frozen=True):
    """Which words moved the score of `label`, and by how much.

    `base` (what a text without words would score) and the weights of the words add up to `score`.
    """

    label: str
    base: float
    score: float
    words: tuple[Word, ...]

    def moved(self, offset: int) -> "Explanation":
        """Return the explanation of a text that follows `offset` other code points."""
        return replace(
            self, words=tuple(Word(word.start + offset, word.end + offset, word.weight) for word in self.words)
        )


class Answer(msgspec.Struct, omit_defaults=True, kw_only=True, frozen=True):
    """What a model says of one text; the fields that do not apply are absent from the JSON.

    `label` is the most probable one; a multi-label model gives `labels`, those whose probability reaches their
    threshold, the most probable first, and the `thresholds`.
    `level` (0, 1, ...) and `polarity` (-1..1, the expected level rescaled) belong to ordinal label sets.
    `probabilities` and `scores` are by label name: in the order of the label set, or, if only the `top_k` were asked
    for, the most probable first.
    """

    label: str | None = None
    labels: tuple[str, ...] | None = None
    level: int | None = None
    polarity: float | None = None
    probabilities: dict[str, float]
    thresholds: dict[str, float] | None = None
    scores: dict[str, float] | None = None
    explanation: Explanation | None = None
    sentences: "tuple[Sentence, ...] | None" = None
    model: str
    version: int

    @property
    def applying(self) -> tuple[str, ...]:
        """The labels that apply: one, or any number of a multi-label model's."""
        return (self.label,) if self.label is not None else self.labels or ()


class Sentence(Answer, omit_defaults=True, kw_only=True, frozen=True):
    """The answer to one sentence of a text; `start` and `end` are code points of the raw text."""

    start: int
    end: int

    @classmethod
    def at(cls, start: int, end: int, answer: Answer) -> Self:
        """Return the answer to what stands there in a text."""
        fields = {name: getattr(answer, name) for name in Answer.__struct_fields__}
        if answer.explanation:
            fields["explanation"] = answer.explanation.moved(start)
        return cls(start=start, end=end, **fields)


class Rejection(msgspec.Struct, kw_only=True, frozen=True):
    """Why one text could not be classified; its neighbours are answered all the same."""

    code: str
    detail: str
