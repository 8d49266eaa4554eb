"""A model folder becomes the archive that SageMaker unpacks into /opt/ml/model."""

import gzip
import tarfile
from pathlib import Path
from typing import NamedTuple

from sentigrade.classifiers.families import WITHOUT_FILE
from sentigrade.errors import SettingError
from sentigrade.manifest import MANIFEST, Manifest
from sentigrade.model_folder import read_manifest, verify_files
from sentigrade.settings import Settings
from sentigrade.store.finding import find
from sentigrade.store.progress import Progress, silently

# SageMaker asks for this end of the name.
ARCHIVE = "model.tar.gz"
# Whoever the container runs as may read it.
_MODE = 0o644


class Packable(NamedTuple):
    """A model to be packed: its verified folder, its manifest and the sha256 of that."""

    folder: Path
    manifest: Manifest
    digest: str

    @property
    def identity(self) -> str:
        """Exactly this model: name, version and digest."""
        return f"{self.manifest.reference}#sha256:{self.digest}"


def find_packable(reference: str, settings: Settings, progress: Progress = silently) -> Packable:
    """Return the model that a reference means, verified but not opened: what opens it need not be installed here.

    Raises StoreError when there is no such model, ModelFolderError when it must not be used, SettingError for one
    whose classifier is an endpoint itself.
    """
    found = find(reference, settings, progress)
    manifest, digest = read_manifest(found.folder, found.trust)
    verify_files(found.folder, manifest)
    if manifest.family in WITHOUT_FILE:
        raise SettingError(f"{manifest.reference} asks an endpoint itself: deploy the model that is behind that one")
    return Packable(found.folder, manifest, digest)


def pack(model: Packable, archive: Path) -> None:
    """Write the archive of a model: the same bytes for the same model, whoever packs it and when.

    A signature stays outside: the container is told the digest of the manifest, which says more.
    """
    with (
        archive.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as members,
    ):
        for name in sorted([MANIFEST, *model.manifest.files]):
            member = tarfile.TarInfo(name)
            member.size, member.mode = (model.folder / name).stat().st_size, _MODE
            with (model.folder / name).open("rb") as content:
                members.addfile(member, content)
