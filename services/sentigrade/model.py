"""A model ready to score: its folder verified, its cleaner checked, its numbers loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sentigrade.classifiers.base import Classifier
from sentigrade.classifiers.linear import LinearClassifier
from sentigrade.errors import ModelFolderError
from sentigrade.labels import LabelSet
from sentigrade.manifest import Manifest
from sentigrade.model_folder import read_manifest, verified_contents
from sentigrade.text.cleaning import Cleaner
from sentigrade.trust import Trust

FAMILIES: dict[str, Callable[[bytes, str, LabelSet], Classifier]] = {"linear": LinearClassifier.load}


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
    if manifest.family not in FAMILIES:
        raise ModelFolderError(f"{folder}: family {manifest.family} is not one of {', '.join(sorted(FAMILIES))}")
    name = _model_file(manifest, folder)
    contents = verified_contents(folder, manifest)
    cleaner = Cleaner(manifest.cleaning)
    if cleaner.fingerprint() != manifest.requires.cleaning_sha256:
        raise ModelFolderError(
            f"{folder}: the spaCy installed here cleans differently from the one at training; "
            f"install {_versions(manifest)} or train again"
        )
    classifier = FAMILIES[manifest.family](contents[name], name, manifest.labels)
    card = next((contents[file] for file, entry in manifest.files.items() if entry.role == "card"), None)
    return Model(folder, manifest, digest, cleaner, classifier, card.decode("utf-8", "replace") if card else None)


def _model_file(manifest: Manifest, folder: Path) -> str:
    names = [name for name, entry in manifest.files.items() if entry.role == "model"]
    if len(names) != 1:
        raise ModelFolderError(f"{folder}: the manifest must name one file of the role model, it names {len(names)}")
    return names[0]


def _versions(manifest: Manifest) -> str:
    return ", ".join(f"{name} {version}" for name, version in manifest.requires.packages.items())
