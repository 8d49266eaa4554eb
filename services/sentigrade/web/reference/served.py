"""The running service, as far as its description depends on it: models, limits, and one real answer."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from sentigrade.errors import EndpointError, InvalidRequest
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.wire.native import decode_question, encode_answers, encode_labels

EXAMPLE = "A warm, funny and well-made film."
EXAMPLES = (EXAMPLE, "An utter bore.")
# What one may ask, by the names of the examples.
QUESTIONS: dict[str, dict[str, Any]] = {
    "text": {"mytext": EXAMPLE},
    "list": {"mytext": EXAMPLES},
    "options": {"mytext": EXAMPLE, "scores": True, "sentences": True, "top_k": 2},
}


@dataclass(frozen=True)
class Served:
    """The scorers that are there, the default one first, and the limits."""

    scorers: Sequence[Scorer]
    settings: Settings

    @property
    def names(self) -> list[str]:
        """The names by which models are chosen."""
        return [scorer.name for scorer in self.scorers]

    @property
    def name_schema(self) -> dict[str, Any]:
        """The schema of such a name."""
        return _one_of(self.names)

    @property
    def version_schema(self) -> dict[str, Any]:
        """The schema of a version of one of them."""
        return _one_of(sorted({str(scorer.model.manifest.version) for scorer in self.scorers}))

    @cached_property
    def answers(self) -> dict[str, Any]:
        """What the default model answers to the questions; nothing without a model, or while its endpoint is away."""
        if not self.scorers:
            return {}
        with suppress(EndpointError):
            return {name: _answer(self.scorers[0], question) for name, question in QUESTIONS.items()}
        return {}

    @property
    def label(self) -> str | None:
        """The bare label of the example; None where there are no answers."""
        if not self.answers:
            return None
        with suppress(EndpointError):
            return encode_labels(self.scorers[0].score([EXAMPLE]), is_list=False).decode()
        return None


def explains(scorer: Scorer) -> bool:
    """Whether a model can say which words moved its answer."""
    try:
        scorer.score([], Options(explain=True))
    except InvalidRequest:
        return False
    return True


def takes_thresholds(scorer: Scorer) -> bool:
    """Whether any number of a model's labels may apply."""
    return scorer.model.manifest.labels.kind == "multilabel"


def _one_of(values: list[str]) -> dict[str, Any]:
    """Return the schema of one of some strings; of any while none is known."""
    return {"type": "string", "enum": values} if values else {"type": "string"}


def _answer(scorer: Scorer, content: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    question = decode_question(msgspec.json.encode(content), max_texts=len(EXAMPLES))
    outcomes = scorer.score(question.texts, question.options)
    return msgspec.json.decode(encode_answers(outcomes, is_list=question.is_list))
