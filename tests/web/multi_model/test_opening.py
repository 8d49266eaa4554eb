"""A folder that must not be served is refused with what is wrong with it, never with where it lies."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from joblib.numpy_pickle import NumpyArrayWrapper

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from sentigrade.web.multi_model.memory import free_memory
from tests.keys import public_key_of, write_private_key
from tests.model_copies import place, put_model
from tests.web.multi_model.asking import invoke, load


def damage(folder: Path) -> None:
    content = bytearray((folder / "model.joblib").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.joblib").write_bytes(content)


def smuggle(folder: Path) -> None:
    put_model(folder, pickle.dumps(Path("somewhere")))


def take_away_the_card(folder: Path) -> None:
    (folder / "model_card.md").unlink()


def add_a_file(folder: Path) -> None:
    (folder / "inference.py").write_text("")


def make_the_model_a_link(folder: Path) -> None:
    (folder / "model.joblib").rename(folder.parent / "elsewhere")
    (folder / "model.joblib").symlink_to(folder.parent / "elsewhere")


def break_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (damage, "model.joblib is not the file that the manifest describes: fetch or train the model again."),
        (smuggle, "the pickle names pathlib.PosixPath, which is not on the list of classes a model may hold"),
        (take_away_the_card, "model_card.md is missing: fetch or train the model again."),
        (add_a_file, "the model folder holds inference.py, which its manifest does not list: remove it."),
        (make_the_model_a_link, "model.joblib is a link."),
        (break_the_manifest, "the model folder: manifest.json is not valid"),
    ],
)
def test_a_damaged_or_foreign_folder(
    client: FlaskClient, reviews: str, tmp_path: Path, harm: Callable[[Path], None], reason: str
) -> None:
    harm(Path(reviews))
    reply = load(client, "N", reviews)
    assert reply.status_code == 400
    assert reply.json is not None
    assert reply.json["message"].startswith(f"The model cannot be loaded: {reason}")
    assert str(tmp_path) not in reply.text
    assert client.get("/models").json == {"models": []}


def of_another_family(manifest: dict[str, Any]) -> None:
    manifest["family"] = "forest"


def cleaned_by_a_pipeline_that_is_missing(manifest: dict[str, Any]) -> None:
    manifest["cleaning"]["pipeline"] = "xx_nothing_sm"


def cleaned_by_another_spacy(manifest: dict[str, Any]) -> None:
    manifest["requires"]["cleaning_sha256"] = "0" * 64


def calibrated_for_other_labels(manifest: dict[str, Any]) -> None:
    manifest["calibration"]["weights"] = [[1.0]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (of_another_family, "family forest is not one of"),
        (cleaned_by_a_pipeline_that_is_missing, "spaCy pipeline xx_nothing_sm is not installed"),
        (cleaned_by_another_spacy, "the spaCy installed here cleans differently from the one at training"),
        (calibrated_for_other_labels, "calibration weights must be square and as wide as the bias"),
    ],
)
def test_a_folder_that_was_made_for_something_else(
    client: FlaskClient, root: Path, small_folder: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    url = place(small_folder, root / "N" / "model", change)
    reply = load(client, "N", url)
    assert reply.status_code == 400
    assert reason in reply.text
    assert url not in reply.text


def test_with_a_public_key_only_what_is_signed_is_loaded(
    scorer: Scorer, root: Path, reviews: str, tmp_path: Path
) -> None:
    key = public_key_of(write_private_key(tmp_path / "key.pem"))
    client = create_app([scorer], Settings(multi_model=str(root), public_key=key)).test_client()
    reply = load(client, "N", reviews)
    assert reply.status_code == 400
    assert "the model folder is not signed" in reply.text


def too_large(manifest: dict[str, Any]) -> None:
    manifest["files"]["model.joblib"]["bytes"] = 10**15


def test_a_model_that_is_larger_than_what_is_free_is_not_even_read(
    client: FlaskClient, root: Path, small_folder: Path
) -> None:
    reply = load(client, "N", place(small_folder, root / "N" / "model", too_large))
    assert reply.status_code == 507
    assert reply.json is not None
    assert (reply.json["code"], reply.json["type"]) == (507, "no_memory")
    assert "unload another model first" in reply.json["message"]


def test_there_must_be_memory_for_it_in_all_workers(scorer: Scorer, root: Path, small_folder: Path) -> None:
    def half_of_what_is_free(manifest: dict[str, Any]) -> None:
        manifest["files"]["model.joblib"]["bytes"] = free_memory() // 2 // 16

    url = place(small_folder, root / "N" / "model", half_of_what_is_free)
    for workers, status in ((1, 400), (4, 507)):
        client = create_app([scorer], Settings(multi_model=str(root), workers=workers)).test_client()
        assert load(client, "N", url).status_code == status


def announce_an_endless_array(folder: Path) -> None:
    put_model(folder, pickle.dumps(NumpyArrayWrapper(np.ndarray, (10**15,), "C", np.dtype(np.float64))))


def test_memory_that_gives_out_while_loading(client: FlaskClient, reviews: str) -> None:
    announce_an_endless_array(Path(reviews))
    reply = load(client, "N", reviews)
    assert reply.status_code == 507
    assert "There was not enough memory to load this model; unload another model first." in reply.text
    assert invoke(client, "N").status_code == 404
