from pathlib import Path

import pytest

from sentigrade.errors import ModelFolderError, StoreError
from sentigrade.store.opening import open_model


def test_a_name_a_version_and_a_folder_open_the_same_model(small_store: Path) -> None:
    folder = str(small_store / "sentiment" / "1")
    digests = {open_model(reference, small_store).digest for reference in ("sentiment", "sentiment@1", folder)}
    assert len(digests) == 1


def test_a_folder_does_not_need_a_store(small_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_store / "sentiment" / "1")
    assert open_model(".", Path("nowhere")).folder == Path()
    with pytest.raises(StoreError, match="store nowhere cannot be read"):
        open_model("sentiment", Path("nowhere"))


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="manifest.json is missing"):
        open_model(f"{tmp_path}/", tmp_path)
