"""A model folder becomes the next version of a model in a store.

The version is claimed first, so that of many publishers no two write to the same place; the manifest is written last,
so that a publisher that dies leaves nothing that anybody sees.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec

from sentigrade.errors import StoreError
from sentigrade.manifest import MANIFEST, NEWEST_VERSION, SIGNATURE, Manifest, digest_of, encode_manifest
from sentigrade.model_folder import CLAIM, read_manifest, verify_files
from sentigrade.store.catalogue import claimed, key
from sentigrade.store.objects import Objects
from sentigrade.store.progress import Progress, silently
from sentigrade.store.promoting import promote_if_first
from sentigrade.store.reference import parse_name
from sentigrade.trust import Trust, open_private_key, sign


class Publication(NamedTuple):
    """What was published, and whether a bare name means it."""

    name: str
    version: int
    digest: str
    promoted: bool

    @property
    def identity(self) -> str:
        """The reference that means it for ever."""
        return f"{self.name}@{self.version}#sha256:{self.digest}"


class Wish(NamedTuple):
    """How a folder is to be published: under another name, as a version that is not the next one, signed."""

    name: str | None = None
    version: int | None = None
    sign_with: Path | None = None


def publish(objects: Objects, folder: Path, wish: Wish | None = None, progress: Progress = silently) -> Publication:
    """Publish a model folder, as the next version of its model unless the wish says otherwise.

    A model's first version is promoted as well. The manifest is rewritten only where name or version change, so a copy
    that keeps both keeps its digest and its signature. Raises ModelFolderError when the folder is not sound, StoreError
    when the wished version is taken.
    """
    wish = wish or Wish()
    private_key = open_private_key(wish.sign_with) if wish.sign_with else None
    manifest, _ = read_manifest(folder, Trust())
    verify_files(folder, manifest)
    name = parse_name(wish.name or manifest.name)
    version = claim(objects, name, wish.version)
    raw, signature = _manifest_as(folder, manifest, name, version)
    if private_key:
        signature = sign(raw, private_key)
    with progress(f"{name}@{version}", sum(entry.bytes for entry in manifest.files.values())) as advance:
        for file in manifest.files:
            objects.upload(key(name, version, file), folder / file, advance)
    if signature:
        objects.write(key(name, version, SIGNATURE), signature, over=None)
    if not objects.write(key(name, version, MANIFEST), raw, over=None):
        raise StoreError(f"somebody else wrote {name}@{version} in {objects.address}: publish again")
    return Publication(name, version, digest_of(raw), promote_if_first(objects, name, version))


def claim(objects: Objects, name: str, version: int | None = None) -> int:
    """Take a version that nobody has, the next one unless it is given; raises StoreError when that one is taken."""
    if version and version > NEWEST_VERSION:
        raise StoreError(f"{version} is too large for a version: give at most nine digits")
    taken = claimed(objects, name)
    candidates = [version] if version else range(max(taken, default=0) + 1, NEWEST_VERSION + 1)
    for candidate in candidates:
        if candidate not in taken and objects.write(key(name, candidate, CLAIM), _signed_on(), over=None):
            return candidate
    if version:
        raise StoreError(f"{name}@{version} is taken in {objects.address}: leave the version out for the next one")
    raise StoreError(f"no version is left for {name} in {objects.address}: publish it under another name")


def _signed_on() -> bytes:
    """Return a claim like no other: who made it finds it again."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {uuid4()}\n".encode()


def _manifest_as(folder: Path, manifest: Manifest, name: str, version: int) -> tuple[bytes, bytes | None]:
    """Return the manifest under a name and version, and the folder's signature if it still holds."""
    if (name, version) != (manifest.name, manifest.version):
        return encode_manifest(msgspec.structs.replace(manifest, name=name, version=version)), None
    signature = folder / SIGNATURE
    return (folder / MANIFEST).read_bytes(), signature.read_bytes() if signature.exists() else None
