"""References: how people name a model.

sentiment                                 the promoted version in the store of the settings
sentiment@3                               that version
sentiment@3#sha256:0f3a...                that version, if its manifest has this sha256
s3://bucket/prefix/sentiment@3#sha256:... the same in another store
./my_model                                a model folder
s3://bucket/model.pkl#sha256:...          a bare model with this sha256, adopted as it is opened
"""

import re
from pathlib import Path
from typing import NamedTuple

from sentigrade.errors import StoreError
from sentigrade.manifest import MODEL_NAME

_NAMED = re.compile(rf"(?P<name>{MODEL_NAME.strip('^$')})(?:@(?P<version>[1-9][0-9]{{0,8}}))?")
PICKLE_SUFFIXES = (".pkl", ".pickle", ".joblib")
FASTTEXT_SUFFIXES = (".bin", ".ftz")
ARCHIVE_SUFFIX = ".tar.gz"
_BARE_SUFFIXES = (*PICKLE_SUFFIXES, *FASTTEXT_SUFFIXES, ARCHIVE_SUFFIX)
_HELP = "write a name such as sentiment, name@version, a folder such as ./my_model, or s3://bucket/prefix/name@version"


class Reference(NamedTuple):
    """A model in a store: in that of the settings where `store` is None; the promoted one where `version` is None.

    `digest` is the sha256 that its manifest must have.
    """

    name: str
    version: int | None = None
    digest: str | None = None
    store: str | None = None


class FolderReference(NamedTuple):
    """A model folder on this disk; `digest` is the sha256 that its manifest must have."""

    folder: str
    digest: str | None = None

    @property
    def name(self) -> str:
        """What it is called before its manifest was read."""
        return Path(self.folder).name


class BareModelReference(NamedTuple):
    """A bare model in a store, which is the address up to its name; `digest` is the sha256 of its file."""

    store: str
    file: str
    digest: str

    @property
    def name(self) -> str:
        """The model's name, made from the file's, as `my-model` from `My model.pkl`."""
        return name_of(self.file)


AnyReference = Reference | FolderReference | BareModelReference


def parse_reference(text: str) -> AnyReference:
    """Parse a reference; raises StoreError for anything else."""
    place, digest = _split_digest(text)
    if not place.startswith("s3://"):
        if "/" in place or place == ".":
            return FolderReference(place, digest)
        return _named(text, place, digest, None)
    store, _, last = place.rpartition("/")
    if last.endswith(_BARE_SUFFIXES):
        if digest is None:
            raise StoreError(f"{text!r} needs the sha256 of the file: write {place}#sha256:...")
        return BareModelReference(store, last, digest)
    return _named(text, last, digest, store)


def pinned(reference: str, version: int, digest: str) -> str:
    """Return a reference that means exactly the model that this one was found to mean, on any machine.

    `digest` is the sha256 of the model's manifest.
    """
    parsed = parse_reference(reference)
    if isinstance(parsed, BareModelReference):
        return reference
    if isinstance(parsed, FolderReference):
        return f"{Path(parsed.folder).resolve()}#sha256:{digest}"
    store = f"{parsed.store}/" if parsed.store else ""
    return f"{store}{parsed.name}@{version}#sha256:{digest}"


def name_of(file: str) -> str:
    """Return a name for a model made from a file's name."""
    stem = file.removesuffix(ARCHIVE_SUFFIX) if file.endswith(ARCHIVE_SUFFIX) else Path(file).stem
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:64] or "model"


def parse_name(text: str) -> str:
    """Return a model's name; raises StoreError when it is none."""
    if not re.fullmatch(MODEL_NAME, text):
        raise StoreError(f"{text!r} is not a name for a model: use a-z, 0-9, dots, dashes and underscores, at most 64")
    return text


def _split_digest(text: str) -> tuple[str, str | None]:
    place, hash_mark, digest = text.partition("#")
    if not hash_mark:
        return place, None
    if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
        raise StoreError(f"{text!r} is not a model: after # comes sha256: and 64 digits 0-9 and a-f")
    return place, digest.removeprefix("sha256:")


def _named(text: str, place: str, digest: str | None, store: str | None) -> Reference:
    match = _NAMED.fullmatch(place)
    if not match or store == "s3:/":
        raise StoreError(f"{text!r} is not a model: {_HELP}")
    return Reference(match["name"], int(match["version"]) if match["version"] else None, digest, store)
