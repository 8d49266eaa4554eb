"""What BlazingText can be told when it learns to classify."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sentigrade.errors import SettingError

_Count = Annotated[int, Meta(ge=1)]


class BlazingTextParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The hyperparameters of its mode `supervised`; what is left out is as BlazingText has it.

    epochs                  passes over the texts
    learning_rate           how far a step goes
    vector_dim              numbers of a vector
    word_ngrams             the features are sequences of 1 to this many words
    buckets                 which share so many vectors
    min_count               rarer words are left out
    early_stopping          stop when the validation data is not learned better any more,
    patience                for so many epochs,
    min_epochs              but not before so many
    """

    epochs: _Count | None = None
    learning_rate: Annotated[float, Meta(gt=0)] | None = None
    vector_dim: _Count | None = None
    word_ngrams: _Count | None = None
    buckets: _Count | None = None
    min_count: Annotated[int, Meta(ge=0)] | None = None
    early_stopping: Literal["True", "False"] | None = None
    patience: _Count | None = None
    min_epochs: _Count | None = None

    def strings(self) -> Mapping[str, str]:
        """Return them as a job takes them, with the mode."""
        return {"mode": "supervised"} | {name: str(value) for name, value in msgspec.to_builtins(self).items()}


def parse_hyperparameters(given: Sequence[str]) -> BlazingTextParameters:
    """Return the hyperparameters of `NAME=VALUE` each; raises SettingError for any that BlazingText would refuse."""
    pairs = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or name not in BlazingTextParameters.__struct_fields__:
            known = ", ".join(BlazingTextParameters.__struct_fields__)
            raise SettingError(f"--set {pair}: write NAME=VALUE; the names are {known}")
        pairs[name] = value
    try:
        return msgspec.convert(pairs, BlazingTextParameters, strict=False)
    except msgspec.ValidationError as error:
        raise SettingError(f"--set: {error}") from None
