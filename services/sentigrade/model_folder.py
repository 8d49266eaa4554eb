"""A model on disk: a manifest and the files that it vouches for.

manifest.json    written last: a folder without it does not exist
model.joblib     what the manifest's `files` name, each with its sha256 and size
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from sentigrade.calibration import Calibration
from sentigrade.classifiers.base import Classifier
from sentigrade.classifiers.linear import LinearClassifier
from sentigrade.errors import ModelFolderError
from sentigrade.labels import LabelSet
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import CleaningProfile

MANIFEST = "manifest.json"
MODEL_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"

FAMILIES: dict[str, Callable[..., Classifier]] = {"linear": LinearClassifier.load}

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
# A plain name: no separators, so that a manifest cannot point outside its folder.
FileName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


# `training_texts` are hashes of the texts that were learned from (data/overlap.py).
Role = Literal["model", "metrics", "card", "training_texts"]


class FileEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the manifest says of one file."""

    role: Role
    sha256: Sha256
    bytes: Annotated[int, Meta(ge=0)]


class Requirements(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What this model needs to answer as it did when it was trained.

    `cleaning_sha256` is the cleaner's fingerprint; `packages` are the versions used, for people to read.
    """

    extra: str | None
    packages: dict[str, str]
    cleaning_sha256: Sha256


class TrainingRows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One data set that was learned from; the hash is of the parsed rows, whatever file they came in."""

    name: str
    sha256: Sha256
    rows: int


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model was made."""

    data: tuple[TrainingRows, ...]
    seed: int
    parameters: dict[str, Any]
    parent: str | None = None


class LongText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How texts of more than `over_words` words are answered; `whole` answers them as one text."""

    aggregate: Literal["whole"]
    over_words: Annotated[int, Meta(ge=1)]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """manifest.json: everything about a model except its numbers."""

    schema: int
    name: Annotated[str, Meta(pattern=MODEL_NAME)]
    version: Annotated[int, Meta(ge=1)]
    family: str
    created: str
    license: str
    labels: LabelSet
    cleaning: CleaningProfile
    long_text: LongText
    calibration: Calibration
    files: dict[FileName, FileEntry]
    requires: Requirements
    training: Training
    metrics: dict[str, dict[str, float]]

    def __post_init__(self) -> None:
        if len(self.calibration.bias) != len(self.labels):
            raise ValueError(f"{len(self.labels)} labels, but a calibration for {len(self.calibration.bias)}")


class Model(NamedTuple):
    """A verified model, ready to score; `folder` is where it was read."""

    folder: Path
    manifest: Manifest
    digest: str
    cleaner: Cleaner
    classifier: Classifier


def load_model(folder: Path) -> Model:
    """Verify a model folder and load what it holds.

    Raises ModelFolderError, saying why, before anything is opened that the manifest does not vouch for.
    """
    raw = _read(folder / MANIFEST)
    manifest = parse_manifest(raw, folder)
    for name, entry in manifest.files.items():
        _verify(folder / name, entry)
    cleaner = Cleaner(manifest.cleaning)
    if cleaner.fingerprint() != manifest.requires.cleaning_sha256:
        raise ModelFolderError(
            f"{folder}: the spaCy installed here cleans differently from the one at training; "
            f"install {_versions(manifest)} or train again"
        )
    classifier = FAMILIES[manifest.family](folder / _model_file(manifest, folder), labels=len(manifest.labels))
    return Model(folder, manifest, hashlib.sha256(raw).hexdigest(), cleaner, classifier)


def parse_manifest(raw: bytes, folder: Path) -> Manifest:
    """Decode and check a manifest; `folder` is named in the ModelFolderError."""
    try:
        schema = msgspec.json.decode(raw, type=_Schema).schema
        if schema != 1:
            raise ModelFolderError(f"{folder}: manifest schema {schema} is not known here, only 1; update sentigrade")
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelFolderError(f"{folder}: {MANIFEST} is not valid: {error}") from None
    if manifest.family not in FAMILIES:
        raise ModelFolderError(f"{folder}: family {manifest.family} is not one of {', '.join(sorted(FAMILIES))}")
    return manifest


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest, last and at once: with it the folder begins to exist."""
    unfinished = folder / f".{MANIFEST}.unfinished"
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    unfinished.replace(folder / MANIFEST)


def describe_file(path: Path, role: Role) -> FileEntry:
    """Return the manifest entry of a file that was just written."""
    content = path.read_bytes()
    return FileEntry(role=role, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


class _Schema(msgspec.Struct):
    schema: int


def _verify(path: Path, entry: FileEntry) -> None:
    content = _read(path)
    if len(content) != entry.bytes or hashlib.sha256(content).hexdigest() != entry.sha256:
        raise ModelFolderError(f"{path} is not the file that the manifest describes: fetch or train the model again")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelFolderError(f"{path} is missing: fetch or train the model again") from None
    except OSError as error:
        raise ModelFolderError(f"{path} cannot be read: {error.strerror}") from None


def _model_file(manifest: Manifest, folder: Path) -> str:
    names = [name for name, entry in manifest.files.items() if entry.role == "model"]
    if len(names) != 1:
        raise ModelFolderError(f"{folder}: the manifest must name one file of the role model, it names {len(names)}")
    return names[0]


def _versions(manifest: Manifest) -> str:
    return ", ".join(f"{name} {version}" for name, version in manifest.requires.packages.items())
