"""Which version a bare name means, and going back to the one before."""

from sentigrade.errors import StoreError
from sentigrade.manifest import MANIFEST, MOST_BYTES
from sentigrade.store.catalogue import PROMOTED, Promotions, key, read_promotions, read_published
from sentigrade.store.objects import Objects

# So many earlier promotions are remembered.
_MOST_REMEMBERED = 20


def promote(objects: Objects, name: str, version: int) -> None:
    """Let a bare `name` mean `version` from now on; raises StoreError when there is no such version."""
    read_published(objects, name, version)
    before = read_promotions(objects, name)
    if before.versions[:1] != (version,):
        _write(objects, name, (version, *before.versions), before)


def promote_if_first(objects: Objects, name: str, version: int) -> bool:
    """Promote a version if its model has no promoted one; return whether a bare `name` means it now."""
    return objects.write(f"{name}/{PROMOTED}", f"{version}\n".encode(), over=None)


def rollback(objects: Objects, name: str) -> int:
    """Promote again what was promoted before, and return that version.

    Versions that were pruned since are passed over. Raises StoreError when there is none to go back to.
    """
    before = read_promotions(objects, name)
    for place, version in enumerate(before.versions):
        if version != before.versions[0] and _exists(objects, name, version):
            _write(objects, name, before.versions[place:], before)
            return version
    raise StoreError(f"{name} has no earlier promoted version in {objects.address}: promote one by its number")


def _write(objects: Objects, name: str, versions: tuple[int, ...], before: Promotions) -> None:
    """Write what is promoted over what was read before."""
    if not objects.write(f"{name}/{PROMOTED}", _lines(versions), over=before.tag):
        raise StoreError(f"somebody else promoted a version of {name} at this moment: look, and try again")
    # Somebody may have pruned it at this moment. They look at `promoted` after they have taken the manifest away, we
    # look at the manifest after we have written `promoted`: one of us sees the other.
    if not _exists(objects, name, versions[0]):
        after = read_promotions(objects, name)
        if after.versions == versions[:_MOST_REMEMBERED]:
            objects.write(f"{name}/{PROMOTED}", _lines(before.versions), over=after.tag)
        raise StoreError(f"{name}@{versions[0]} was pruned while it was promoted: promote another version")


def _lines(versions: tuple[int, ...]) -> bytes:
    return "".join(f"{version}\n" for version in versions[:_MOST_REMEMBERED]).encode()


def _exists(objects: Objects, name: str, version: int) -> bool:
    return objects.read(key(name, version, MANIFEST), at_most=MOST_BYTES) is not None
