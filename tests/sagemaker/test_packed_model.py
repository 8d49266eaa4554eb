"""What may lie in the folder of an endpoint's model."""

import shutil
from pathlib import Path

import pytest

from sentigrade.errors import ModelFolderError
from sentigrade.model import load_model
from sentigrade.sagemaker.packed_model import packed_model
from tests.fasttext_models import content_of, train


def test_nothing_was_packed_where_the_folder_is_empty_or_missing(tmp_path: Path) -> None:
    assert packed_model(tmp_path, tmp_path / "adopted") is None
    assert packed_model(tmp_path / "missing", tmp_path / "adopted") is None


def test_a_model_lies_in_the_folder_itself_or_below_it(model_folder: Path, tmp_path: Path) -> None:
    for folder in (model_folder, model_folder.parent, model_folder.parents[1]):
        assert packed_model(folder, tmp_path / "adopted") == str(model_folder)


def test_a_bare_pickle_is_to_be_adopted_first(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"...")
    with pytest.raises(ModelFolderError, match="holds model.pkl but no model .* with `sentigrade adopt`"):
        packed_model(tmp_path, tmp_path / "adopted")


def test_a_model_of_blazingtext_is_adopted(tmp_path: Path) -> None:
    content = content_of(train())
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(content)
    reference = packed_model(tmp_path / "model", tmp_path / "adopted")
    assert reference == str(tmp_path / "adopted")
    model = load_model(Path(reference))
    assert model.manifest.reference == "model@1"
    assert model.manifest.labels.ids == ("bad", "good", "odd")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["model.bin"]


def test_a_damaged_model_of_blazingtext_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(content_of(train())[:-1])
    with pytest.raises(ModelFolderError, match=r"model\.bin ends too early: copy it again"):
        packed_model(tmp_path / "model", tmp_path / "adopted")


def test_beside_a_model_with_a_manifest_nothing_is_adopted(model_folder: Path, tmp_path: Path) -> None:
    (model_folder.parent / "model.bin").write_bytes(b"...")
    assert packed_model(model_folder.parent, tmp_path / "adopted") == str(model_folder)


def test_of_several_models_none_is_chosen(model_folder: Path) -> None:
    shutil.copytree(model_folder, model_folder.with_name("2"))
    with pytest.raises(ModelFolderError, match="holds 2 models: pack one of them"):
        packed_model(model_folder.parents[1], model_folder / "adopted")


@pytest.mark.parametrize("name", ["my model", "a,b", "a#b"])
def test_a_name_that_no_reference_can_hold_is_refused(name: str, model_folder: Path) -> None:
    model_folder.rename(model_folder.with_name(name))
    with pytest.raises(ModelFolderError, match="whose name has no blanks, commas or #"):
        packed_model(model_folder.parents[1], model_folder / "adopted")
