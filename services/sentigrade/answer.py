"""What a text is answered with, in the shape that every door gives out. Light to import: clients use it too."""

from typing import Annotated, Self

import msgspec
from msgspec import Meta
from msgspec.structs import replace

Start = Annotated[int, Meta(ge=0, description="Where it begins in the text as it was sent, in Unicode code points.")]
End = Annotated[int, Meta(ge=0, description="Where it ends: the code point after its last.")]
Probability = Annotated[float, Meta(ge=0, le=1)]


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word's part in a score."""

    start: Start
    end: End
    weight: Annotated[float, Meta(description="What it adds to the score.")]


class Explanation(msgspec.Struct, frozen=True):
    """Which words moved the score of `label`; `base` and the weights of the words add up to `score`."""

    label: Annotated[str, Meta(description="The label that is explained: the most probable one.")]
    base: Annotated[float, Meta(description="What a text without words would score.")]
    score: Annotated[float, Meta(description="The label's decision value.")]
    words: tuple[Word, ...]

    def moved(self, offset: int) -> "Explanation":
        """Return the explanation of a text that follows `offset` other code points."""
        return replace(
            self, words=tuple(Word(word.start + offset, word.end + offset, word.weight) for word in self.words)
        )


class Answer(msgspec.Struct, omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """What a model says of one text; the fields that do not apply are absent from the JSON.

    `probabilities` and `scores` are by label name: in the order of the label set, or, if only the `top_k` were asked
    for, the most probable first.
    """

    label: Annotated[str | None, Meta(description="The most probable label.")] = None
    labels: Annotated[
        tuple[str, ...] | None,
        Meta(
            description="Of a multi-label model, in place of `label`: those whose probability reaches their threshold, "
            "the most probable first."
        ),
    ] = None
    level: Annotated[
        Annotated[int, Meta(ge=0)] | None, Meta(description="The label's number, from 0; of ordered labels only.")
    ] = None
    polarity: Annotated[
        Annotated[float, Meta(ge=-1, le=1)] | None,
        Meta(description="The expected level, rescaled to -1..1; of ordered labels only."),
    ] = None
    probabilities: Annotated[dict[str, Probability], Meta(description="Of each label; calibrated.")]
    thresholds: Annotated[
        dict[str, Probability] | None,
        Meta(description="Of a multi-label model: from which probability on each label applies."),
    ] = None
    scores: Annotated[
        dict[str, float] | None, Meta(description="Decision values, from which the probabilities are made.")
    ] = None
    explanation: Explanation | None = None
    sentences: Annotated[
        "tuple[Sentence, ...] | None", Meta(description="The answer to each sentence, in their order.")
    ] = None
    model: Annotated[str, Meta(description="The model that says so.")]
    version: Annotated[int, Meta(ge=1, description="Its version.")]

    @property
    def applying(self) -> tuple[str, ...]:
        """The labels that apply: one, or any number of a multi-label model's."""
        return (self.label,) if self.label is not None else self.labels or ()


class Sentence(Answer, omit_defaults=True, kw_only=True, frozen=True):
    """The answer to one sentence of a text."""

    start: Start
    end: End

    @classmethod
    def at(cls, start: int, end: int, answer: Answer) -> Self:
        """Return the answer to what stands there in a text."""
        fields = {name: getattr(answer, name) for name in Answer.__struct_fields__}
        if answer.explanation:
            fields["explanation"] = answer.explanation.moved(start)
        return cls(start=start, end=end, **fields)


class Rejection(msgspec.Struct, kw_only=True, frozen=True):
    """Why one text could not be classified; its neighbours are answered all the same."""

    code: Annotated[str, Meta(description="A stable slug, for programs.")]
    detail: Annotated[str, Meta(description="What to do instead, for people.")]
