"""What people and scripts are told of the versions in a store."""

from collections.abc import Iterator

import msgspec

from sentigrade.errors import SentigradeError
from sentigrade.store.catalogue import names, read_promotions, read_published, versions
from sentigrade.store.objects import Objects


class Listing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version: its facts, or why its manifest cannot be read. Nothing of it has been verified."""

    name: str
    version: int
    promoted: bool
    digest: str | None = None
    signed: bool | None = None
    family: str | None = None
    created: str | None = None
    metrics: dict[str, dict[str, float]] | None = None
    fault: str | None = None


def list_versions(objects: Objects, name: str | None = None) -> Iterator[Listing]:
    """Return the versions of one model or of all, by name and version."""
    for model in [name] if name else names(objects):
        promoted = read_promotions(objects, model).versions[:1]
        for version in versions(objects, model):
            yield _listing(objects, model, version, promoted=(version,) == promoted)


def _listing(objects: Objects, name: str, version: int, *, promoted: bool) -> Listing:
    try:
        published = read_published(objects, name, version)
    except SentigradeError as error:
        return Listing(name=name, version=version, promoted=promoted, fault=str(error))
    return Listing(
        name=name,
        version=version,
        promoted=promoted,
        digest=published.digest,
        signed=published.signature is not None,
        family=published.manifest.family,
        created=published.manifest.created,
        metrics=published.manifest.metrics,
    )
