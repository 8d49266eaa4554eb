"""Copies of model folders, changed in a way that their manifests vouch for."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sentigrade.manifest import digest_of


def place(source: Path, folder: Path, change: Callable[[dict[str, Any]], object] | None = None) -> str:
    """Copy a model folder, change its manifest, and return the url to load it by."""
    shutil.copytree(source, folder)
    if change:
        manifest = json.loads((folder / "manifest.json").read_text())
        change(manifest)
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return str(folder)


def named(name: str) -> Callable[[dict[str, Any]], None]:
    """Return a change of a manifest's name, which is the model in every answer."""
    return lambda manifest: manifest.update(name=name)


def put_pickle(folder: Path, content: bytes) -> None:
    """Replace the numbers of a model; its manifest vouches for the new ones."""
    (folder / "model.joblib").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["model.joblib"].update(sha256=digest_of(content), bytes=len(content))
    (folder / "manifest.json").write_text(json.dumps(manifest))
