"""Open Inference Protocol v2: what is answered, as tensors that are flat and row-major."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest
from sentigrade.manifest import Manifest
from sentigrade.options import Options
from sentigrade.wire.open_inference.request import Inference

_SCORES = "scores"

_encode = msgspec.json.Encoder().encode


class OutputTensor(msgspec.Struct, frozen=True):
    """One output: of n texts, or of n texts and k labels."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class InferenceResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to an inference request."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class Output(NamedTuple):
    """What an output holds: one element for each text, or one for each text and label."""

    datatype: str
    is_by_label: bool
    data_of: Callable[[Sequence[Answer]], Iterable[Any]]

    def shape(self, texts: int, labels: int) -> list[int]:
        """Return the shape for so many texts and labels; -1 stands for any number."""
        return [texts, labels] if self.is_by_label else [texts]


def _probabilities(answers: Sequence[Answer]) -> Iterable[float]:
    return chain.from_iterable(answer.probabilities.values() for answer in answers)


def _scores(answers: Sequence[Answer]) -> Iterable[float]:
    return chain.from_iterable(answer.scores.values() for answer in answers if answer.scores)


def _applies(answers: Sequence[Answer]) -> Iterable[bool]:
    return (name in answer.applying for answer in answers for name in answer.probabilities)


_LABEL = {"label": Output("BYTES", False, lambda answers: [answer.label for answer in answers])}
_LEVEL = {
    "level": Output("INT64", False, lambda answers: [answer.level for answer in answers]),
    "polarity": Output("FP32", False, lambda answers: [answer.polarity for answer in answers]),
}
_NUMBERS = {"probabilities": Output("FP32", True, _probabilities), _SCORES: Output("FP32", True, _scores)}
_OUTPUTS: Mapping[str, Mapping[str, Output]] = {
    "ordinal": {**_LABEL, **_LEVEL, **_NUMBERS},
    "nominal": {**_LABEL, **_NUMBERS},
    "multilabel": {"applies": Output("BOOL", True, _applies), **_NUMBERS},
}


def outputs_of(manifest: Manifest) -> Mapping[str, Output]:
    """Return the outputs of a model, by name."""
    return _OUTPUTS[manifest.labels.kind]


def chosen(names: Sequence[str], manifest: Manifest) -> Sequence[str]:
    """Return the names of the outputs to give, for those that were asked for: all but the scores if none were.

    Raises InvalidRequest for a name that there is not or that stands twice.
    """
    possible = outputs_of(manifest)
    if not names:
        return [name for name in possible if name != _SCORES]
    for index, name in enumerate(names):
        if name not in possible or name in names[:index]:
            raise InvalidRequest(
                f"outputs names each output at most once, of {', '.join(possible)}.", pointer=f"/outputs/{index}/name"
            )
    return names


def options_for(names: Sequence[str]) -> Options:
    """Return the options with which texts are scored for these outputs."""
    return Options(scores=_SCORES in names)


def encode_inference(
    question: Inference, names: Sequence[str], outcomes: Sequence[Answer | Rejection], manifest: Manifest
) -> bytes:
    """Encode the answer to an inference request, with the outputs of these names.

    Raises InvalidRequest, with a pointer to the text, when one could not be classified: tensors hold no errors.
    """
    answers, labels, possible = _only_answers(outcomes), len(manifest.labels), outputs_of(manifest)
    response = InferenceResponse(
        model_name=manifest.name,
        model_version=str(manifest.version),
        id=question.id,
        outputs=[_tensor(name, possible[name], answers, labels) for name in names],
    )
    return _encode(response)


def _tensor(name: str, output: Output, answers: Sequence[Answer], labels: int) -> OutputTensor:
    shape = output.shape(len(answers), labels)
    return OutputTensor(name, shape, output.datatype, list(output.data_of(answers)))


def _only_answers(outcomes: Sequence[Answer | Rejection]) -> list[Answer]:
    answers = []
    for row, outcome in enumerate(outcomes):
        if isinstance(outcome, Rejection):
            raise InvalidRequest(outcome.detail, pointer=f"/inputs/0/data/{row}")
        answers.append(outcome)
    return answers
