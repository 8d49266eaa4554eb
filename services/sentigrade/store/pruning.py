"""Removing old versions, and what dead publishers left; never the promoted version."""

from typing import NamedTuple

from sentigrade.manifest import MANIFEST, MOST_BYTES
from sentigrade.store.catalogue import claimed, key, read_promotions, versions
from sentigrade.store.objects import Objects

# A publisher that has written nothing for so long is dead.
_LEFTOVER_SECONDS = 24 * 60 * 60


class Pruned(NamedTuple):
    """The versions that were removed, and the claims that had never become versions."""

    versions: list[int]
    leftovers: list[int]


def prune(objects: Objects, name: str, *, keep: int, now: float) -> Pruned:
    """Remove all but the newest `keep` versions; `now` is in seconds since 1970.

    The promoted version stays, and the one that a rollback would promote; so does the newest, whose number must not
    be given again.
    """
    published = versions(objects, name)
    promotions = dict.fromkeys(read_promotions(objects, name).versions)
    still_there = [version for version in promotions if version in published]
    kept = {*published[-max(keep, 1) :], *still_there[:2]}
    stored = claimed(objects, name)
    removed = [version for version in published if version not in kept and _remove(objects, name, version)]
    newest = max(stored, default=0)
    leftovers = [
        version
        for version, found in stored.items()
        if version not in published
        and version != newest
        and max(item.modified for item in found) < now - _LEFTOVER_SECONDS
    ]
    for version in leftovers:
        objects.delete(item.key for item in stored[version])
    return Pruned(removed, leftovers)


def _remove(objects: Objects, name: str, version: int) -> bool:
    """Remove a version unless it is promoted, even at this moment; return whether it was removed."""
    manifest = key(name, version, MANIFEST)
    content = objects.read(manifest, at_most=MOST_BYTES)
    objects.delete([manifest])
    # Whoever promotes it now looks for the manifest after they have written `promoted`; see `promoting.promote`.
    if content and version in read_promotions(objects, name).versions[:1]:
        objects.write(manifest, content.raw, over=None)
        return False
    objects.delete(item.key for item in objects.list(key(name, version)))
    return True
