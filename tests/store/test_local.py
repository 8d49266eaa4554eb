import shutil
from pathlib import Path

import pytest

from sentigrade.errors import StoreError
from sentigrade.store.local import LocalStore
from sentigrade.store.reference import Reference, parse_reference


def test_a_bare_name_means_the_promoted_version(small_store: Path) -> None:
    store = LocalStore(small_store)
    assert store.load(Reference("sentiment")).digest == store.load(Reference("sentiment", 1)).digest


def test_what_is_not_there_is_an_error_that_says_what_is(small_store: Path) -> None:
    with pytest.raises(StoreError, match="no sentiment@7; it has sentiment@1"):
        LocalStore(small_store).load(Reference("sentiment", 7))
    with pytest.raises(StoreError, match="no promoted version of topics; it has sentiment@1"):
        LocalStore(small_store).load(Reference("topics"))


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="it has no models"):
        LocalStore(tmp_path).load(Reference("sentiment"))


def test_a_store_that_cannot_be_read_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(StoreError, match="cannot be read .*set SENTIGRADE_STORE"):
            LocalStore(root)


def test_a_model_folder_in_another_s_place_is_refused(small_store: Path, tmp_path: Path) -> None:
    shutil.copytree(small_store / "sentiment" / "1", tmp_path / "sentiment" / "2")
    with pytest.raises(StoreError, match="holds sentiment@1"):
        LocalStore(tmp_path).load(Reference("sentiment", 2))


def test_promoting_changes_what_a_bare_name_means(small_store: Path, tmp_path: Path) -> None:
    shutil.copytree(small_store / "sentiment", tmp_path / "sentiment")
    store = LocalStore(tmp_path)
    store.promote("sentiment", 2)
    with pytest.raises(StoreError, match="no sentiment@2"):
        store.load(Reference("sentiment"))


def test_a_promoted_file_without_a_number_is_an_error(small_store: Path, tmp_path: Path) -> None:
    shutil.copytree(small_store / "sentiment", tmp_path / "sentiment")
    (tmp_path / "sentiment" / "promoted").write_text("latest")
    with pytest.raises(StoreError, match="must hold one version number"):
        LocalStore(tmp_path).load(Reference("sentiment"))


def test_references_are_names_with_or_without_a_version() -> None:
    assert parse_reference("sentiment") == ("sentiment", None)
    assert parse_reference("topics.v2@12") == ("topics.v2", 12)


@pytest.mark.parametrize("text", ["", "Sentiment", "../x", "a/b", "a@", "a@0", "a@x", "a@-1", "@1", "a@1@2"])
def test_anything_else_is_no_reference(text: str) -> None:
    with pytest.raises(StoreError, match="is not a model"):
        parse_reference(text)
