"""What a service says of its models. Light to import: clients use it too."""

import msgspec

from sentigrade.labels import LabelSet


class ModelState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is served under a name, and what its store held when it was last looked at.

    `notice` says why what is served may not be what it should be.
    """

    model: str
    version: int | None = None
    digest: str | None = None
    family: str | None = None
    labels: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    promoted: int | None = None
    notice: str | None = None


class ModelDetails(ModelState, frozen=True, kw_only=True, omit_defaults=True):
    """The same, with what its manifest and its card say."""

    created: str
    license: str
    label_set: LabelSet
    metrics: dict[str, dict[str, float]]
    card: str | None = None
