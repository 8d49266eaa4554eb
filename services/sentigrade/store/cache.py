"""Models that were fetched, by the digest of their manifest.

    <name>/<digest>/       a model folder
    <name>/meant-<hash>    the digest that a reference meant when its store was last reached

A folder appears whole or not at all, so several processes may share a cache. It is no more trusted than a store:
what lies in it is verified each time that it is opened.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sentigrade.errors import ModelFolderError, StoreError
from sentigrade.manifest import MANIFEST, digest_of
from sentigrade.model_folder import read_manifest, verify_files
from sentigrade.trust import Trust

# Of each model the folders used last are kept, for going back while the store is away.
_MOST_KEPT = 5


class Cache:
    """A folder of fetched models; raises StoreError when it cannot be written to."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sound(self, name: str, trust: Trust) -> Path | None:
        """Return the folder whose manifest has the trusted digest, None when there is none or it is damaged."""
        folder = self._root / name / str(trust.digest)
        try:
            verify_files(folder, read_manifest(folder, trust)[0])
        except (ModelFolderError, FileNotFoundError):
            return None
        with self._writing():
            os.utime(folder)
        return folder

    @contextmanager
    def adding(self, name: str) -> Iterator[Path]:
        """Give an empty folder to put a model into; `keep` it, or it is removed."""
        with self._writing():
            folder = self._root / name / f".unfinished-{uuid4().hex}"
            folder.mkdir(parents=True)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def keep(self, unfinished: Path) -> Path:
        """Give a folder that was filled its place, and return it."""
        folder = unfinished.with_name(digest_of((unfinished / MANIFEST).read_bytes()))
        shutil.rmtree(folder, ignore_errors=True)  # what is there was found damaged, or is the same
        unfinished.rename(folder)
        self._forget_old(folder.parent)
        return folder

    def remember(self, name: str, meaning: str, digest: str) -> None:
        """Note which digest a reference means now."""
        path = self._note(name, meaning)
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}-{uuid4().hex}")
            unfinished.write_text(digest)
            unfinished.replace(path)

    def recall(self, name: str, meaning: str) -> str | None:
        """Return the digest that a reference meant last, None when it was never fetched."""
        try:
            return self._note(name, meaning).read_text()
        except OSError:
            return None

    def _note(self, name: str, meaning: str) -> Path:
        return self._root / name / f"meant-{hashlib.sha256(meaning.encode()).hexdigest()[:32]}"

    def _forget_old(self, folder: Path) -> None:
        models = sorted(folder.glob("[0-9a-f]" * 64), key=lambda path: path.stat().st_mtime)
        for old in models[:-_MOST_KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"the cache {self._root} cannot be written to ({error.strerror}): set SENTIGRADE_CACHE"
            ) from None
