from pathlib import Path

import pytest

from sentigrade.aws.hosting.archives import Archives, delete_archive, require_in_s3, root_of
from sentigrade.aws.hosting.packing import find_packable
from sentigrade.errors import SettingError
from sentigrade.settings import Settings
from sentigrade.store.opening import open_store
from sentigrade.store.progress import silently

DIGEST = "0" * 64


def test_an_archive_is_uploaded_once(s3_address: str, small_store: Path) -> None:
    model = find_packable("sentiment", Settings(store=str(small_store)))
    archives = Archives(f"{s3_address}/sagemaker/", "reviews")
    assert list(archives.list()) == []
    assert archives.upload(model, silently)
    assert not archives.upload(model, silently)
    address = f"{s3_address}/sagemaker/reviews/{model.digest}/model.tar.gz"
    assert list(archives.list()) == [archives.address(model.digest)] == [address]
    delete_archive(address)
    assert list(archives.list()) == []


def test_one_that_was_cut_off_is_uploaded_again(s3_address: str, small_store: Path) -> None:
    model = find_packable("sentiment", Settings(store=str(small_store)))
    archives = Archives(s3_address, "reviews")
    objects, key = open_store(s3_address), f"reviews/{model.digest}/model.tar.gz"
    objects.write(key, b"...", over=None)
    assert not archives.upload(model, silently)
    found = objects.find(key)
    assert found
    assert found.bytes > 3


def test_what_others_have_put_there_is_no_archive(s3_address: str) -> None:
    objects = open_store(s3_address)
    for key in ("reviews/notes.txt", f"reviews/{DIGEST}/other.tar.gz", f"reviews-2/{DIGEST}/model.tar.gz"):
        objects.write(key, b"...", over=None)
    assert list(Archives(s3_address, "reviews").list()) == []


@pytest.mark.parametrize(
    ("address", "root"),
    [
        (f"s3://bucket/a/b/reviews/{DIGEST}/model.tar.gz", "s3://bucket/a/b"),
        (f"s3://bucket/reviews/{DIGEST}/model.tar.gz", "s3://bucket"),
        (f"s3://bucket/others/{DIGEST}/model.tar.gz", None),
        ("s3://bucket/reviews/model.tar.gz", None),
        ("", None),
    ],
)
def test_where_an_archive_lies_is_read_from_its_address(address: str, root: str | None) -> None:
    assert root_of(address, "reviews") == root


@pytest.mark.parametrize("address", ["bucket/prefix", "s3://", "s3:///prefix", "https://bucket/x", "s3://Bucket/x"])
def test_a_place_that_is_not_in_s3_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match="is no place in S3: write s3://bucket/prefix"):
        require_in_s3(address)
