"""Brings a published version from one place to another, and believes nothing of it before its manifest is trusted."""

from pathlib import Path

from sentigrade.errors import ModelFolderError, StoreError
from sentigrade.manifest import MANIFEST, SIGNATURE
from sentigrade.model_folder import read_manifest, require_listed, verify_files
from sentigrade.store.catalogue import Published, claimed, key, read_published, versions
from sentigrade.store.objects import Objects
from sentigrade.store.progress import Progress, silently
from sentigrade.store.promoting import promote
from sentigrade.store.publishing import Wish, publish
from sentigrade.trust import Trust


def download(objects: Objects, published: Published, folder: Path, progress: Progress = silently) -> None:
    """Download the files of a version whose manifest is trusted into an empty folder.

    Raises ModelFolderError when they are not what the manifest says; nothing of a wrong size is even downloaded.
    """
    manifest = published.manifest
    prefix = key(manifest.name, manifest.version)
    where = f"{objects.address}/{prefix}"
    sizes = {stored.key.removeprefix(prefix): stored.bytes for stored in objects.list(prefix)}
    require_listed(sizes, manifest, where)
    for file, entry in manifest.files.items():
        if sizes.get(file) != entry.bytes:
            raise ModelFolderError(f"{where}{file} is not the file that the manifest describes: publish it again")
    with progress(manifest.reference, sum(entry.bytes for entry in manifest.files.values())) as advance:
        for file in manifest.files:
            objects.download(prefix + file, folder / file, advance)
    verify_files(folder, manifest)
    if published.signature:
        (folder / SIGNATURE).write_bytes(published.signature)
    (folder / MANIFEST).write_bytes(published.raw)


def copy(folder: Path, trust: Trust, target: Objects) -> str:
    """Publish a model folder elsewhere as what it is, promote it there, and return its identity.

    Nothing is written where the same version lies already; raises StoreError where another one has its number.
    """
    manifest, digest = read_manifest(folder, trust)
    name, version = manifest.name, manifest.version
    if version not in versions(target, name):
        if version in claimed(target, name):
            unfinished = f"{target.address}/{name}/{version}"
            raise StoreError(f"{unfinished} is unfinished: if nobody is copying into it, remove it and try again")
        publish(target, folder, Wish(version=version))
    elif read_published(target, name, version).digest != digest:
        raise StoreError(f"{target.address} holds another {manifest.reference}: copy into another store, or remove it")
    promote(target, name, version)
    return f"{manifest.reference}#sha256:{digest}"
