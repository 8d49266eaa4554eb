"""A model folder is served only when everything in it is what its manifest says."""

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sentigrade.errors import ModelFolderError
from sentigrade.model import load_model

Manifest = dict[str, Any]


def rewrite(folder: Path, change: Callable[[Manifest], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def vouch_for(folder: Path, name: str) -> None:
    """Make the manifest describe a file as it is now."""
    content = (folder / name).read_bytes()
    entry = {"role": "model", "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    rewrite(folder, lambda manifest: manifest["files"].update({name: entry}))


@pytest.mark.parametrize("name", ["model.joblib", "metrics.json"])
def test_a_changed_byte_is_refused(model_folder: Path, name: str) -> None:
    content = bytearray((model_folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model_folder / name).write_bytes(content)
    with pytest.raises(ModelFolderError, match=f"{name} is not the file that the manifest describes"):
        load_model(model_folder)


@pytest.mark.parametrize("name", ["model.joblib", "metrics.json", "manifest.json"])
def test_a_missing_file_is_refused(model_folder: Path, name: str) -> None:
    (model_folder / name).unlink()
    with pytest.raises(ModelFolderError, match=f"{name} is missing"):
        load_model(model_folder)


def test_a_pickle_of_a_foreign_class_is_refused_though_the_manifest_vouches_for_it(model_folder: Path) -> None:
    (model_folder / "model.joblib").write_bytes(pickle.dumps(Path("somewhere")))
    vouch_for(model_folder, "model.joblib")
    with pytest.raises(ModelFolderError, match="not on the list of classes"):
        load_model(model_folder)


def drop_a_label(manifest: Manifest) -> None:
    manifest["labels"]["items"].pop()


def drop_a_label_everywhere(manifest: Manifest) -> None:
    drop_a_label(manifest)
    manifest["calibration"]["bias"].pop()
    for weights in ("weights", "length_weights"):
        manifest["calibration"][weights] = [row[:4] for row in manifest["calibration"][weights][:4]]


def update(**values: object) -> Callable[[Manifest], None]:
    return lambda manifest: manifest.update(values)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (update(schema=2), "manifest schema 2 is not known here"),
        (drop_a_label, "4 labels, but a calibration for 5"),
        (drop_a_label_everywhere, "fitted to 5 labels, the manifest lists 4"),
        (update(family="oracle"), "family oracle is not one of"),
        (update(name="No Name"), "manifest.json is not valid"),
        (update(surprise=1), "manifest.json is not valid"),
        (lambda manifest: manifest["cleaning"].update(schema=2), "manifest.json is not valid"),
        (lambda manifest: manifest["cleaning"].update(case="keep"), "cleans differently"),
        (lambda manifest: manifest["files"].update({"../x": manifest["files"]["model.joblib"]}), "not valid"),
        (lambda manifest: manifest["files"].pop("model.joblib"), "1 file of the role model, it names 0"),
        (lambda manifest: manifest.pop("calibration"), "missing required field `calibration`"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(
    model_folder: Path, change: Callable[[Manifest], object], reason: str
) -> None:
    rewrite(model_folder, change)
    with pytest.raises(ModelFolderError, match=reason):
        load_model(model_folder)


@pytest.mark.parametrize("size", [10**12, 2**63 - 1])
def test_a_size_that_nobody_has_memory_for_is_refused(model_folder: Path, size: int) -> None:
    rewrite(model_folder, lambda manifest: manifest["files"]["model.joblib"].update(bytes=size))
    with pytest.raises(ModelFolderError, match="not the file that the manifest describes"):
        load_model(model_folder)


def test_a_pipe_in_the_place_of_a_file_is_refused(model_folder: Path) -> None:
    (model_folder / "model.joblib").unlink()
    os.mkfifo(model_folder / "model.joblib")
    with pytest.raises(ModelFolderError, match="model.joblib is not a file"):
        load_model(model_folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"schema": "one"}', b"[" * 100_000])
def test_a_manifest_that_is_no_manifest_is_refused(model_folder: Path, content: bytes) -> None:
    (model_folder / "manifest.json").write_bytes(content)
    with pytest.raises(ModelFolderError, match=r"manifest.json is not valid"):
        load_model(model_folder)
