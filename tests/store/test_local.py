"""What only a store in a folder can meet."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from sentigrade.errors import StoreError
from sentigrade.store.local import LocalObjects
from sentigrade.store.opening import open_store


def test_a_folder_that_is_left_empty_goes_too(tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path)
    objects.write("a/b/c", b"", over=None)
    objects.write("a/d", b"", over=None)
    objects.delete(["a/b/c"])
    assert not (tmp_path / "a" / "b").exists()
    objects.delete(["a/d"])
    assert not (tmp_path / "a").exists()
    assert tmp_path.exists()


def test_whoever_writes_never_misses_a_folder_that_goes_because_others_leave_it_empty(tmp_path: Path) -> None:
    def write_and_delete(name: str) -> None:
        objects = LocalObjects(tmp_path / "store")
        for _ in range(400):
            objects.write_stream(f"shared/{name}/file", BytesIO(b"x"), lambda _: None)
            objects.delete([f"shared/{name}/file"])

    with ThreadPoolExecutor() as writers:
        list(writers.map(write_and_delete, "abcd"))


def test_links_are_not_listed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").touch()
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "link").symlink_to(tmp_path / "elsewhere" / "file")
    (tmp_path / "store" / "folder").symlink_to(tmp_path / "elsewhere")
    assert list(LocalObjects(tmp_path / "store").list("")) == []


def test_a_failed_upload_leaves_nothing(tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path)
    with pytest.raises(StoreError, match="No such file"):
        objects.upload("a/b", tmp_path / "nothing", lambda _: None)
    assert list(objects.list("")) == []


def test_a_folder_that_cannot_be_read_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(StoreError, match="cannot be read .*set SENTIGRADE_STORE"):
            open_store(str(root))


def test_a_folder_can_be_made_or_named_by_a_url(tmp_path: Path) -> None:
    made = open_store(str(tmp_path / "new folder" / "store"), create=True)
    assert made.address == open_store(f"file://{tmp_path}/new%20folder/store").address


@pytest.mark.parametrize("address", ["", "gs://bucket", "https://somewhere", "s3://", "s3:///prefix"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match="is no store|names no bucket"):
        open_store(address)
