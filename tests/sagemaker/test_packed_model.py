"""What may lie in the folder of an endpoint's model."""

import shutil
from pathlib import Path

import pytest

from sentigrade.errors import ModelFolderError
from sentigrade.sagemaker.packed_model import packed_model


def test_nothing_was_packed_where_the_folder_is_empty_or_missing(tmp_path: Path) -> None:
    assert packed_model(tmp_path) is None
    assert packed_model(tmp_path / "missing") is None


def test_a_model_lies_in_the_folder_itself_or_below_it(model_folder: Path) -> None:
    for folder in (model_folder, model_folder.parent, model_folder.parents[1]):
        assert packed_model(folder) == str(model_folder)


def test_a_bare_pickle_is_to_be_adopted_first(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"...")
    with pytest.raises(ModelFolderError, match="holds model.pkl but no model .* with `sentigrade adopt`"):
        packed_model(tmp_path)


def test_of_several_models_none_is_chosen(model_folder: Path) -> None:
    shutil.copytree(model_folder, model_folder.with_name("2"))
    with pytest.raises(ModelFolderError, match="holds 2 models: pack one of them"):
        packed_model(model_folder.parents[1])


@pytest.mark.parametrize("name", ["my model", "a,b", "a#b"])
def test_a_name_that_no_reference_can_hold_is_refused(name: str, model_folder: Path) -> None:
    model_folder.rename(model_folder.with_name(name))
    with pytest.raises(ModelFolderError, match="whose name has no blanks, commas or #"):
        packed_model(model_folder.parents[1])
