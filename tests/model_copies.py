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


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return manifest


def model_file(folder: Path) -> Path:
    """Return the file that holds the model's numbers."""
    (file,) = (name for name, entry in manifest_of(folder)["files"].items() if entry["role"] == "model")
    return folder / str(file)


def put_model(folder: Path, content: bytes) -> None:
    """Replace a model's numbers."""
    file, manifest = model_file(folder), manifest_of(folder)
    file.write_bytes(content)
    manifest["files"][file.name].update(sha256=digest_of(content), bytes=len(content))
    (folder / "manifest.json").write_text(json.dumps(manifest))


def put_labels(folder: Path, labels: list[dict[str, Any]], columns: list[int]) -> None:
    """Give a model these labels; each is calibrated as the label in that column was."""
    manifest = manifest_of(folder)
    manifest["labels"]["items"] = labels
    calibration = manifest["calibration"]
    calibration["bias"] = [calibration["bias"][column] for column in columns]
    for name in ("weights", "length_weights"):
        calibration[name] = [[calibration[name][row][column] for column in columns] for row in columns]
    (folder / "manifest.json").write_text(json.dumps(manifest))
