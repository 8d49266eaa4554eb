"""Where on this disk the model lies that a reference means; what is elsewhere is fetched into the cache first."""

from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from sentigrade.errors import ModelFolderError, StoreUnreachable
from sentigrade.manifest import Manifest, digest_of
from sentigrade.model import Model, load_model
from sentigrade.model_folder import read_manifest
from sentigrade.settings import Settings
from sentigrade.store.adopting import adopt
from sentigrade.store.cache import Cache
from sentigrade.store.catalogue import promoted, read_published
from sentigrade.store.fetching import download
from sentigrade.store.foreign import Adoption
from sentigrade.store.local import LocalObjects
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store
from sentigrade.store.progress import Progress, silently
from sentigrade.store.reference import BareModelReference, FolderReference, Reference, parse_reference
from sentigrade.trust import Trust


class Found(NamedTuple):
    """A model folder, what its manifest must match, and why it may be out of date.

    `note` is what the cache will remember of a model that was fetched, once it has been opened: name, meaning and
    digest.
    """

    folder: Path
    trust: Trust
    notice: str | None = None
    note: tuple[str, str, str] | None = None


def open_model(reference: str, settings: Settings, progress: Progress = silently) -> Model:
    """Load the model that a reference means, from the store and with the trust of the settings.

    Raises StoreError when there is no such model, ModelFolderError when it must not be used.
    """
    return open_found(find(reference, settings, progress), settings)


def open_found(found: Found, settings: Settings) -> Model:
    """Load a model that was found; of what was fetched the cache remembers what opens and drops what does not."""
    if found.note is None:
        return load_model(found.folder, found.trust)
    cache = Cache(settings.cache_folder)
    try:
        model = load_model(found.folder, found.trust)
    except ModelFolderError:
        cache.drop(found.folder)
        raise
    cache.remember(*found.note)
    return model


def find(reference: str, settings: Settings, progress: Progress = silently) -> Found:
    """Return where the model lies that a reference means; see `open_model`."""
    parsed = parse_reference(reference)
    if isinstance(parsed, FolderReference):
        return Found(Path(parsed.folder), _trust(parsed.digest, settings))
    if isinstance(parsed, BareModelReference):
        return _find_bare(parsed, settings, progress)
    objects = open_store(parsed.store or settings.store)
    trust = _trust(parsed.digest, settings)._replace(name=parsed.name, version=parsed.version)
    if isinstance(objects, LocalObjects):
        return _find_in_folder(objects, parsed, trust)
    return _Fetcher(objects, Cache(settings.cache_folder), progress).find(parsed, trust)


def _trust(digest: str | None, settings: Settings) -> Trust:
    # Who pins a digest has vouched for it; a signature could say no more.
    return Trust(digest=digest, public_key="" if digest else settings.public_key)


def _find_in_folder(objects: LocalObjects, reference: Reference, trust: Trust) -> Found:
    version = reference.version or promoted(objects, reference.name)
    read_published(objects, reference.name, version)  # its error says what there is instead
    return Found(objects.root / reference.name / str(version), trust._replace(version=version))


class _Fetcher:
    """Fetches from a store that is not on this disk."""

    def __init__(self, objects: Objects, cache: Cache, progress: Progress) -> None:
        self._objects = objects
        self._cache = cache
        self._progress = progress

    def find(self, reference: Reference, trust: Trust) -> Found:
        # A digest means the same for ever: what is in the cache need not be asked for.
        if trust.digest and (folder := self._cache.sound(reference.name, trust)):
            return Found(folder, trust)
        try:
            return self._fetch(reference, trust)
        except StoreUnreachable as error:
            digest = self._cache.recall(reference.name, self._meaning(reference))
            earlier = trust._replace(digest=digest)
            if digest and (folder := self._cache.sound(reference.name, earlier)):
                return Found(folder, earlier, f"{error}; serving the copy that was fetched earlier")
            raise

    def _fetch(self, reference: Reference, trust: Trust) -> Found:
        name = reference.name
        version = reference.version or promoted(self._objects, name)
        published = read_published(self._objects, name, version)
        trust = trust._replace(version=version)
        where = f"{self._objects.address}/{name}/{version}"
        trust.require(published.manifest, published.raw, published.signature, where)
        folder = self._cache.sound(name, Trust(digest=published.digest))
        if folder and published.signature:
            self._cache.sign(folder, published.signature)  # it may be by another key than when it was fetched
        if folder is None:
            with self._cache.adding(name) as unfinished:
                download(self._objects, published, unfinished, self._progress)
                folder = self._cache.keep(unfinished)
        note = (name, self._meaning(reference), published.digest)
        return Found(folder, trust._replace(digest=published.digest), note=note)

    def _meaning(self, reference: Reference) -> str:
        return f"{self._objects.address} {reference.name}@{reference.version or 'promoted'}"


def _find_bare(reference: BareModelReference, settings: Settings, progress: Progress) -> Found:
    cache, name = Cache(settings.cache_folder), reference.name
    trust = Trust(name=name, digest=cache.recall(name, reference.digest))
    folder = cache.sound(name, trust) if trust.digest else None
    adopted = read_manifest(folder, trust)[0] if folder else None
    if folder and adopted and _holds(adopted, reference.digest):
        return Found(folder, trust)
    with cache.adding(name) as unfinished:
        content = _download_bare(reference, unfinished / "download", progress)
        manifest = adopt(content, reference.file, Adoption(name), unfinished)
        # Out of an archive may come what is in the cache already.
        if not (folder and adopted and replace(manifest, created=adopted.created) == adopted):
            folder = cache.keep(unfinished)
    return Found(folder, trust._replace(digest=folder.name), note=(name, reference.digest, folder.name))


def _holds(manifest: Manifest, digest: str) -> bool:
    """Whether the file of the model has this sha256; that of an archive, which is not kept, never has."""
    return digest in {entry.sha256 for entry in manifest.files.values() if entry.role == "model"}


def _download_bare(reference: BareModelReference, path: Path, progress: Progress) -> bytes:
    """Return the bytes of the file; they pass by `path`."""
    with progress(reference.file, 0) as advance:
        open_store(reference.store).download(reference.file, path, advance)
    content = path.read_bytes()
    path.unlink()
    if digest_of(content) != reference.digest:
        raise ModelFolderError(
            f"{reference.store}/{reference.file} has the sha256 {digest_of(content)}, "
            f"not {reference.digest} as pinned: not opened"
        )
    return content
