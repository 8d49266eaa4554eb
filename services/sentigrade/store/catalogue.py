"""What a store holds: which models, which versions of them, and which one a bare name means.

<name>/<version>/.claim          whose version it is, from before anything else is written
<name>/<version>/manifest.json   written last: a version without it does not exist
<name>/promoted                  the version that a bare name means, and below it those that it meant before
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sentigrade.errors import StoreError
from sentigrade.manifest import MANIFEST, MOST_BYTES, SIGNATURE, Manifest, digest_of, parse_manifest
from sentigrade.store.objects import Objects, Stored

PROMOTED = "promoted"
_MOST_PROMOTED_BYTES = 4096
# So many versions are named in an error.
_MOST_NAMED = 10

_VERSION = re.compile(r"[1-9][0-9]{0,8}")


class Published(NamedTuple):
    """A version's manifest, as bytes and as what they say, and the signature that lies beside it."""

    manifest: Manifest
    raw: bytes
    signature: bytes | None

    @property
    def digest(self) -> str:
        """The sha256 of the manifest."""
        return digest_of(self.raw)


class Promotions(NamedTuple):
    """The promoted version and those that were promoted before it, the newest first; the tag of the object."""

    versions: tuple[int, ...]
    tag: str | None


def key(name: str, version: int, file: str = "") -> str:
    """Return the key of a file of a version; without a file, the prefix of all of them."""
    return f"{name}/{version}/{file}"


def names(objects: Objects) -> list[str]:
    """Return the names of the models that have a version."""
    return sorted({reference[0] for reference in _published(objects, "")})


def versions(objects: Objects, name: str) -> list[int]:
    """Return the published versions of a model, rising."""
    return sorted(version for _, version in _published(objects, f"{name}/"))


def claimed(objects: Objects, name: str) -> dict[int, list[Stored]]:
    """Return what is stored of each version of a model, published or not."""
    found: dict[int, list[Stored]] = {}
    for stored in objects.list(f"{name}/"):
        parts = stored.key.split("/")
        if len(parts) > 2 and _VERSION.fullmatch(parts[1]):
            found.setdefault(int(parts[1]), []).append(stored)
    return found


def read_published(objects: Objects, name: str, version: int) -> Published:
    """Return a version's manifest, not yet trusted; raises StoreError when there is no such version."""
    content = objects.read(key(name, version, MANIFEST), at_most=MOST_BYTES)
    if content is None:
        raise StoreError(f"store {objects.address} has no {name}@{version}; it has {_known(objects)}")
    signature = objects.read(key(name, version, SIGNATURE), at_most=MOST_BYTES)
    where = f"{objects.address}/{name}/{version}"
    return Published(parse_manifest(content.raw, where), content.raw, signature.raw if signature else None)


def read_promotions(objects: Objects, name: str) -> Promotions:
    """Return what is and was promoted; raises StoreError when the object cannot be understood."""
    content = objects.read(f"{name}/{PROMOTED}", at_most=_MOST_PROMOTED_BYTES)
    if content is None:
        return Promotions((), None)
    lines = content.raw.decode("ascii", "replace").split()
    if not lines or not all(map(_VERSION.fullmatch, lines)):
        raise StoreError(f"{objects.address}/{name}/{PROMOTED} must hold one version number a line")
    return Promotions(tuple(map(int, lines)), content.tag)


def promoted(objects: Objects, name: str) -> int:
    """Return the version that a bare name means; raises StoreError when it means none."""
    promotions = read_promotions(objects, name)
    if not promotions.versions:
        raise StoreError(
            f"store {objects.address} has no promoted version of {name}; it has {_known(objects)}: "
            "promote one, or name one"
        )
    return promotions.versions[0]


def _published(objects: Objects, prefix: str) -> Iterator[tuple[str, int]]:
    for stored in objects.list(prefix):
        parts = stored.key.split("/")
        if len(parts) == 3 and parts[2] == MANIFEST and _VERSION.fullmatch(parts[1]):
            yield parts[0], int(parts[1])


def _known(objects: Objects) -> str:
    known = [f"{name}@{version}" for name, version in sorted(_published(objects, ""))]
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return ", ".join(known[:_MOST_NAMED]) + more if known else "no models"
