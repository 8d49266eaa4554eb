"""What an answer is in the columns of a table."""

from collections.abc import Sequence

from sentigrade.answer import Answer
from sentigrade.labels import LabelSet
from sentigrade.wire.native import bare_label

_LEVEL = ("level", "polarity")
_MODEL = ("model", "version")


class AnswerColumns:
    """The columns that every answer of a label set has: their `names`, and the cells of each answer."""

    def __init__(self, labels: LabelSet, *, scores: bool = False) -> None:
        """Take the columns from the labels, with `scores` those of the decision values too."""
        self._label_names = labels.names
        self._is_ordinal = labels.kind == "ordinal"
        self._with_scores = scores
        self.names = (
            "labels" if labels.kind == "multilabel" else "label",
            *(_LEVEL if self._is_ordinal else ()),
            *(f"probability_{label}" for label in labels.ids),
            *(f"score_{label}" for label in labels.ids if scores),
            *_MODEL,
        )

    def cells(self, answer: Answer) -> list[object]:
        """Return the fields of an answer, as many as there are names."""
        names = self._label_names
        return [
            bare_label(answer),
            *((answer.level, answer.polarity) if self._is_ordinal else ()),
            *map(answer.probabilities.get, names),
            *(map((answer.scores or {}).get, names) if self._with_scores else ()),
            answer.model,
            answer.version,
        ]


def free_name(name: str, taken: Sequence[str]) -> str:
    """Return a name for a column that is none of those that there are: `answer_...` where it has to be another."""
    while name in taken:
        name = f"answer_{name}"
    return name
