"""What is made of a sound model folder; test_model_folder.py has those that are not."""

import hashlib
from pathlib import Path

from sentigrade.model import load_model


def test_a_sound_folder_loads_and_is_known_by_its_manifest_s_hash(model_folder: Path) -> None:
    model = load_model(model_folder)
    digest = hashlib.sha256((model_folder / "manifest.json").read_bytes()).hexdigest()
    assert model.manifest.name == "sentiment"
    assert model.digest == digest
    assert model.identity == f"sentiment@1#sha256:{digest}"


def test_a_model_brings_its_card(model_folder: Path) -> None:
    assert load_model(model_folder).card == (model_folder / "model_card.md").read_text()


def test_what_was_verified_is_what_is_loaded(model_folder: Path) -> None:
    """Nothing is read again: the folder may go while the model answers."""
    model = load_model(model_folder)
    for file in model_folder.iterdir():
        file.unlink()
    assert model.classifier.score(model.cleaner.clean(["A brilliant plot."])).argmax() == 4
