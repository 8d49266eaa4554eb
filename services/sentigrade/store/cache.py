"""Models that were fetched, by the digest of their manifest.

    <name>/<digest>/       a model folder
    <name>/meant-<hash>    the digest that a reference meant when its store was last reached

A folder appears whole or not at all, so several processes may share a cache. It is no more trusted than a store:
what lies in it is verified each time that it is opened.
"""

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from sentigrade.errors import ModelFolderError, StoreError
from sentigrade.manifest import MANIFEST, SIGNATURE, digest_of
from sentigrade.model_folder import read_manifest, verify_files
from sentigrade.trust import Trust

# Of each model the folders used last are kept, for going back while the store is away.
_MOST_KEPT = 5
_LEFTOVER_SECONDS = 24 * 60 * 60
_UNFINISHED = ".unfinished-"
_LOCK = ".lock"


class Cache:
    """A folder of fetched models; raises StoreError when it cannot be written to."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sound(self, name: str, trust: Trust) -> Path | None:
        """Return the folder whose manifest has the trusted digest, None when there is none or it is damaged.

        Raises ModelFolderError for one that is not to be trusted, whatever its digest: it is not signed, say.
        """
        folder = self._root / name / str(trust.digest)
        try:
            verify_files(folder, read_manifest(folder, Trust(digest=trust.digest))[0])
        except (ModelFolderError, FileNotFoundError):
            return None
        read_manifest(folder, trust)
        with suppress(OSError):  # a cache on a read-only disk is good for reading
            os.utime(folder)
        return folder

    @contextmanager
    def adding(self, name: str) -> Iterator[Path]:
        """Give an empty folder to put a model into; `keep` it, or it is removed."""
        with self._writing():
            folder = self._root / name / f"{_UNFINISHED}{uuid4().hex}"
            folder.mkdir(parents=True)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def keep(self, unfinished: Path) -> Path:
        """Give a folder that was filled its place, and return it; one that somebody else has put there may stay."""
        digest = digest_of((unfinished / MANIFEST).read_bytes())
        folder = unfinished.with_name(digest)
        with (unfinished.parent / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.sound(folder.parent.name, Trust(digest=digest)) is None:
                # Whoever reads a damaged one at this moment keeps it until he has closed it.
                with suppress(FileNotFoundError):
                    folder.rename(folder.with_name(f"{_UNFINISHED}{uuid4().hex}"))
                unfinished.rename(folder)
                os.utime(folder)
            self._forget(folder)
        return folder

    def sign(self, folder: Path, signature: bytes) -> None:
        """Give a model the signature that its store has for it now."""
        path = folder / SIGNATURE
        if not path.is_file() or path.read_bytes() != signature:
            self._write(path, signature)

    def drop(self, folder: Path) -> None:
        """Remove a model that turned out to be no good."""
        shutil.rmtree(folder, ignore_errors=True)

    def remember(self, name: str, meaning: str, digest: str) -> None:
        """Note which digest a reference means now."""
        if self.recall(name, meaning) == digest:
            return
        self._write(self._note(name, meaning), digest.encode())

    def recall(self, name: str, meaning: str) -> str | None:
        """Return the digest that a reference meant last, None when it was never fetched."""
        try:
            digest = self._note(name, meaning).read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        return digest if re.fullmatch("[0-9a-f]{64}", digest) else None

    def _write(self, path: Path, content: bytes) -> None:
        with self._writing():
            unfinished = self._root / f"{_UNFINISHED}{uuid4().hex}"
            unfinished.write_bytes(content)
            unfinished.replace(path)

    def _note(self, name: str, meaning: str) -> Path:
        return self._root / name / f"meant-{hashlib.sha256(meaning.encode()).hexdigest()[:32]}"

    def _forget(self, kept: Path) -> None:
        """Remove the models that were used longest ago, never `kept`, and what dead processes left."""
        models = sorted(kept.parent.glob("[0-9a-f]" * 64), key=_used)
        others = [folder for folder in models if folder != kept]
        for folder in others[: -_MOST_KEPT + 1]:
            shutil.rmtree(folder, ignore_errors=True)
        for folder in kept.parent.glob(f"{_UNFINISHED}*"):
            if _used(folder) < time.time() - _LEFTOVER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"the cache {self._root} cannot be written to ({error.strerror}): set SENTIGRADE_CACHE"
            ) from None


def _used(folder: Path) -> float:
    """Return when a folder was used last, 0 when somebody has just removed it."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0
