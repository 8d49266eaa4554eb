"""What a service says of its models. Light to import: clients use it too."""

from typing import Annotated

import msgspec
from msgspec import Meta

from sentigrade.labels import LabelSet


class ModelState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is served under a name, and what its store held when it was last looked at."""

    model: Annotated[str, Meta(description="Its name.")]
    version: Annotated[int | None, Meta(description="The version that is served.")] = None
    digest: Annotated[str | None, Meta(description="The sha256 of its manifest, which is its identity.")] = None
    family: Annotated[str | None, Meta(description="What kind of classifier it is.")] = None
    labels: Annotated[tuple[str, ...], Meta(description="The names of its labels, in their order.")] = ()
    versions: Annotated[tuple[int, ...], Meta(description="The versions that its store holds.")] = ()
    promoted: Annotated[int | None, Meta(description="The version that its store says is to be served.")] = None
    notice: Annotated[
        str | None, Meta(description="Why what is served may not be what it should be; absent if all is well.")
    ] = None


class ModelDetails(ModelState, frozen=True, kw_only=True, omit_defaults=True):
    """The same, with what its manifest and its card say."""

    created: Annotated[str, Meta(description="When it was trained, in UTC.")]
    license: Annotated[str, Meta(description="What the licenses of its training data allow.")]
    label_set: LabelSet
    metrics: Annotated[
        dict[str, dict[str, float]], Meta(description="What it was measured to do: figures, by the name of the data.")
    ]
    card: Annotated[str | None, Meta(description="Its model card, in Markdown.")] = None


class Models(msgspec.Struct, frozen=True):
    """The models that are served, the default one first."""

    models: list[ModelState]
