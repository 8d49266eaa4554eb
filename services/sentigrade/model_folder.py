"""A model on disk: a manifest and the files that it vouches for.

manifest.json      written last: a folder without it does not exist
manifest.json.sig  optional: a signature over the manifest
model.joblib       what the manifest's `files` name, each with its sha256 and size

Nothing else may lie in it. Each file is read once: the bytes that matched the manifest are those that are opened.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from sentigrade.errors import ModelFolderError
from sentigrade.manifest import (
    MANIFEST,
    MOST_BYTES,
    SIGNATURE,
    FileEntry,
    Manifest,
    Role,
    digest_of,
    encode_manifest,
    parse_manifest,
)
from sentigrade.trust import Trust

# The publisher's claim on the version (store/publishing.py).
CLAIM = ".claim"


def read_manifest(folder: Path, trust: Trust) -> tuple[Manifest, str]:
    """Return the manifest of a folder and its sha256; raises ModelFolderError when it is not to be trusted."""
    raw = _read(folder / MANIFEST, at_most=MOST_BYTES)
    signature = _read(folder / SIGNATURE, at_most=MOST_BYTES) if (folder / SIGNATURE).exists() else None
    manifest = parse_manifest(raw, folder)
    trust.require(manifest, raw, signature, folder)
    return manifest, digest_of(raw)


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Raise ModelFolderError unless the folder holds what the manifest says, and nothing else."""
    verified_contents(folder, manifest)


def verified_contents(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """Return the bytes of the files that are used from memory, by name; the others are only verified.

    Raises ModelFolderError as `verify_files` does.
    """
    require_listed((entry.name for entry in os.scandir(folder)), manifest, folder)
    contents = {}
    for name, entry in manifest.files.items():
        content = _read(folder / name, at_most=entry.bytes)
        if len(content) != entry.bytes or digest_of(content) != entry.sha256:
            raise ModelFolderError(
                f"{folder / name} is not the file that the manifest describes: fetch or train the model again"
            )
        if entry.role in ("model", "card"):
            contents[name] = content
    return contents


def require_listed(names: Iterable[str], manifest: Manifest, where: object) -> None:
    """Raise ModelFolderError when a model folder holds a name that its manifest does not list."""
    unlisted = sorted(set(names) - manifest.files.keys() - {MANIFEST, SIGNATURE, CLAIM})
    if unlisted:
        raise ModelFolderError(f"{where} holds {unlisted[0]}, which its manifest does not list: remove it")


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest, last and at once: with it the folder begins to exist."""
    unfinished = folder / f".{MANIFEST}.unfinished"
    unfinished.write_bytes(encode_manifest(manifest))
    unfinished.replace(folder / MANIFEST)


def describe_file(path: Path, role: Role) -> FileEntry:
    """Return the manifest entry of a file that was just written."""
    content = path.read_bytes()
    return FileEntry(role=role, sha256=digest_of(content), bytes=len(content))


def _read(path: Path, *, at_most: int) -> bytes:
    """Return a file's bytes, at most one more than `at_most`; no link is followed out of the folder."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ModelFolderError(f"{path} is missing: fetch or train the model again") from None
    except OSError as error:
        reason = "is a link" if path.is_symlink() else f"cannot be read: {error.strerror}"
        raise ModelFolderError(f"{path} {reason}") from None
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise ModelFolderError(f"{path} is not a file")
        return file.read(min(at_most, facts.st_size) + 1)
