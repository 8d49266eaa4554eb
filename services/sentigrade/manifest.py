"""manifest.json: everything about a model except its numbers. Its sha256 is the model's identity."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sentigrade.calibration import Calibration
from sentigrade.classifiers.base import Endpoint
from sentigrade.errors import ModelFolderError
from sentigrade.labels import LabelSet
from sentigrade.text.profile import CleaningProfile

MANIFEST = "manifest.json"
# ed25519 over the bytes of the manifest (trust.py).
SIGNATURE = "manifest.json.sig"
# Far more than any manifest needs: what is longer is not even read.
MOST_BYTES = 1024 * 1024

# A version has at most nine digits.
NEWEST_VERSION = 999_999_999
MODEL_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"

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


class TrainingRows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One data set that was learned from; the hash is of the parsed rows, whatever file they came in.

    `labelled_by` is the identity of the model that labelled them, None where they came with labels.
    """

    name: str
    sha256: Sha256
    rows: int
    labelled_by: str | None = None


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model was made; an adopted one does not say from which data and seed."""

    data: tuple[TrainingRows, ...]
    seed: int | None
    parameters: dict[str, Any]
    parent: str | None = None


class LongText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How texts of more than `over_words` words are answered (long_text.py says what the numbers do).

    `whole` answers them as one text and needs no numbers. `sentences` weighs what the sentences say, for families
    whose scores are sums over words; `fitted_on` says where they come from.
    """

    aggregate: Literal["whole", "sentences"]
    over_words: Annotated[int, Meta(ge=1)]
    damping: Annotated[float, Meta(ge=0, le=1)] = 0.0
    evenness: Annotated[float, Meta(ge=0, le=1)] = 0.0
    tilt: float = 0.0
    fitted_on: str = ""


AS_ONE_TEXT = LongText(aggregate="whole", over_words=60)


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What manifest.json holds."""

    schema: int
    name: Annotated[str, Meta(pattern=MODEL_NAME)]
    version: Annotated[int, Meta(ge=1, le=NEWEST_VERSION)]
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
    endpoint: Endpoint | None = None

    def __post_init__(self) -> None:
        if len(self.calibration.bias) != len(self.labels):
            raise ValueError(f"{len(self.labels)} labels, but a calibration for {len(self.calibration.bias)}")
        if (self.labels.kind == "multilabel") != (self.calibration.method == "sigmoid"):
            raise ValueError(f"{self.labels.kind} labels do not go with a {self.calibration.method} calibration")

    @property
    def reference(self) -> str:
        """The model's name and version, as in `sentiment@1`."""
        return f"{self.name}@{self.version}"


class _Schema(msgspec.Struct):
    schema: int


def parse_manifest(raw: bytes, where: object) -> Manifest:
    """Decode and check a manifest; `where` it was read is named in the ModelFolderError."""
    try:
        schema = msgspec.json.decode(raw, type=_Schema).schema
        if schema != 1:
            raise ModelFolderError(f"{where}: manifest schema {schema} is not known here, only 1; update sentigrade")
        return msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelFolderError(f"{where}: {MANIFEST} is not valid: {error}") from None


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the bytes of manifest.json."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def now() -> str:
    """Return this moment as manifests note it, such as 2026-11-21T10:00:00Z."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def digest_of(raw: bytes) -> str:
    """Return the sha256 of a file's bytes; of a manifest's bytes it is the model's identity."""
    return hashlib.sha256(raw).hexdigest()
