import io
import os
import tarfile
from pathlib import Path

import pytest

from sentigrade.aws.hosting.packing import find_packable, pack
from sentigrade.errors import ModelFolderError, SettingError, StoreError
from sentigrade.labels import FIVE_LEVELS
from sentigrade.manifest import SIGNATURE
from sentigrade.model import load_model
from sentigrade.settings import Settings
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint
from sentigrade.trust import Trust


def packed(folder: Path, archive: Path) -> bytes:
    pack(find_packable(str(folder), Settings()), archive)
    return archive.read_bytes()


def test_the_same_model_gives_the_same_bytes_whoever_packs_it_and_when(
    model_folder: Path, small_store: Path, tmp_path: Path
) -> None:
    for number, file in enumerate(sorted(model_folder.iterdir(), reverse=True)):
        file.chmod(0o600)
        os.utime(file, (number, number))
    (tmp_path / "elsewhere").mkdir()
    here = packed(model_folder, tmp_path / "model.tar.gz")
    there = packed(small_store / "sentiment" / "1", tmp_path / "elsewhere" / "another.name")
    assert here == there


def test_what_is_unpacked_is_the_model_for_everybody_to_read(model_folder: Path, tmp_path: Path) -> None:
    model = find_packable(str(model_folder), Settings())
    archive = packed(model_folder, tmp_path / "model.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        assert {(member.mode, member.uid, member.gid, member.uname) for member in members} == {(0o644, 0, 0, "")}
        assert members.getnames() == sorted(members.getnames())
        members.extractall(tmp_path / "unpacked", filter="data")
    assert load_model(tmp_path / "unpacked", Trust(digest=model.digest)).identity == model.identity


def test_neither_a_claim_nor_a_signature_is_packed(model_folder: Path, tmp_path: Path) -> None:
    (model_folder / SIGNATURE).write_bytes(bytes(64))
    (model_folder / ".claim").touch()
    packed(model_folder, tmp_path / "model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as members:
        assert not {SIGNATURE, ".claim"} & set(members.getnames())


def test_a_damaged_model_is_not_packed(model_folder: Path) -> None:
    (model_folder / "model.joblib").write_bytes(b"...")
    with pytest.raises(ModelFolderError, match="is not the file that the manifest describes"):
        find_packable(str(model_folder), Settings())


def test_a_model_that_is_not_there_is_not_packed(small_store: Path) -> None:
    with pytest.raises(StoreError):
        find_packable("sentiment@9", Settings(store=str(small_store)))


def test_an_endpoint_is_not_put_behind_an_endpoint(tmp_path: Path) -> None:
    adopt_endpoint(EndpointAdoption("reviews", "their-reviews", "eu-west-1", FIVE_LEVELS), tmp_path)
    with pytest.raises(SettingError, match="^reviews@1 asks an endpoint itself: deploy the model that is behind"):
        find_packable(str(tmp_path), Settings())
