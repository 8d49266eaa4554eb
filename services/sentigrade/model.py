"""A model ready to score: its folder verified, its cleaner checked, its numbers loaded."""

from pathlib import Path
from typing import NamedTuple

from sentigrade.classifiers.base import Classifier, Parts
from sentigrade.classifiers.families import WITHOUT_FILE, load_classifier
from sentigrade.errors import MissingExtra, ModelFolderError
from sentigrade.manifest import Manifest
from sentigrade.model_folder import read_manifest, verified_contents
from sentigrade.text.cleaning import Cleaner
from sentigrade.trust import Trust


class Model(NamedTuple):
    """A verified model, ready to score.

    `folder` is where it was read, `digest` the sha256 of its manifest, `card` its model card in
    Markdown, if it has one.
    """

    folder: Path
    manifest: Manifest
    digest: str
    cleaner: Cleaner
    classifier: Classifier
    card: str | None

    @property
    def identity(self) -> str:
        """Exactly this model: name, version and digest."""
        return f"{self.manifest.reference}#sha256:{self.digest}"


def load_model(folder: Path, trust: Trust | None = None) -> Model:
    """Verify a model folder and load what it holds; without `trust` the folder's own manifest is believed.

    Raises ModelFolderError, saying why, before anything is opened that the manifest does not vouch for.
    """
    manifest, digest = read_manifest(folder, trust or Trust())
    files = _model_files(folder, manifest)
    contents = verified_contents(folder, manifest)
    cleaner = Cleaner(manifest.cleaning)
    if cleaner.fingerprint() != manifest.requires.cleaning_sha256:
        raise ModelFolderError(
            f"{folder}: the spaCy installed here cleans differently from the one at training; "
            f"install {_versions(manifest)} or train again"
        )
    classifier = _classifier(folder, manifest, {name: contents[name] for name in files})
    card = next((contents[file] for file, entry in manifest.files.items() if entry.role == "card"), None)
    return Model(folder, manifest, digest, cleaner, classifier, card.decode("utf-8", "replace") if card else None)


def _model_files(folder: Path, manifest: Manifest) -> list[str]:
    files = [name for name, entry in manifest.files.items() if entry.role == "model"]
    expected = 0 if manifest.family in WITHOUT_FILE else 1
    if len(files) != expected:
        raise ModelFolderError(
            f"{folder}: the manifest must name {expected or 'no'} file of the role model, it names {len(files)}"
        )
    return files


def _classifier(folder: Path, manifest: Manifest, model_files: dict[str, bytes]) -> Classifier:
    parts = Parts(manifest.labels, endpoint=manifest.endpoint)
    for name, content in model_files.items():
        parts = parts._replace(file=name, content=content)
    try:
        return load_classifier(manifest.family, parts)
    except MissingExtra as error:  # this model cannot be served here
        raise ModelFolderError(f"{folder}: {error}") from error


def _versions(manifest: Manifest) -> str:
    return ", ".join(f"{name} {version}" for name, version in manifest.requires.packages.items())
