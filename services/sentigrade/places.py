"""Where the models lie that are to be served: what the server and its watcher tell each other."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sentigrade.store.catalogue import promoted, versions
from sentigrade.store.objects import Objects
from sentigrade.store.reference import Reference

# What callers are told; paths, addresses and the rest of the reason are in the log alone.
MISSING = "it could not be loaded; the log says why"
REFUSED = "the promoted version was refused, and the one before is served; the log says why"
STALE = "its store could not be reached, and the copy that was fetched earlier is served"
BEHIND = "the promoted version could not be loaded, and the one before is served; the log says why"
UNASKED = "its store did not say which version is promoted; the log says why"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the model of a reference lies on this disk, verified; no folder while it is missing.

    `versions` are those in the store and `promoted` one of them, when it was last looked at. `notice` says why what is
    served may not be what the reference means.
    """

    reference: str
    name: str
    folder: str | None = None
    digest: str | None = None
    versions: tuple[int, ...] = ()
    promoted: int | None = None
    notice: str | None = None


def write_places(path: Path, places: Sequence[Place]) -> None:
    """Write the places down at once; readers see the old ones or the new ones."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(msgspec.json.encode(places))
    unfinished.replace(path)


def read_places(path: Path) -> list[Place]:
    """Return the places that were written last."""
    return msgspec.json.decode(path.read_bytes(), type=list[Place])


def survey(place: Place, reference: Reference, objects: Objects) -> Place:
    """Return a place with what its store holds now; raises StoreError when the store does not say."""
    return msgspec.structs.replace(
        place,
        versions=tuple(versions(objects, reference.name)),
        promoted=None if reference.version else promoted(objects, reference.name),
    )
