"""What a service says of its models. `sentigrade.web.models` writes it; a test holds that both have the same fields."""

from typing import Literal

import msgspec


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """One label: a slug for machines, a name for people.

    `polarity` (-1..1) belongs to ordinal sets; `threshold` (0..1) to multi-label sets.
    """

    id: str
    name: str
    polarity: float | None = None
    threshold: float | None = None


class LabelSet(msgspec.Struct, frozen=True, kw_only=True):
    """The labels of a model, in order."""

    kind: Literal["ordinal", "nominal", "multilabel"]
    items: tuple[Label, ...]


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """What is served under a name, and what its store held when it was last looked at.

    `version` is None for a model that is still missing; `notice` says why what is served may not be what it should be.
    """

    model: str
    version: int | None = None
    digest: str | None = None
    family: str | None = None
    labels: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    promoted: int | None = None
    notice: str | None = None


class ModelDetails(ModelState, frozen=True, kw_only=True):
    """The same, with what the model's manifest and its card say."""

    created: str
    license: str
    label_set: LabelSet
    metrics: dict[str, dict[str, float]]
    card: str | None = None
