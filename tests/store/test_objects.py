"""What a folder and a bucket promise alike: the contract that every model store is built on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from time import time

import pytest

from sentigrade.batch.streams import as_file
from sentigrade.errors import StoreError
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store


def read(objects: Objects, key: str) -> bytes | None:
    content = objects.read(key, at_most=1000)
    return content.raw if content else None


def keys(objects: Objects, prefix: str = "") -> set[str]:
    return {stored.key for stored in objects.list(prefix)}


def test_what_was_written_is_read_back(objects: Objects) -> None:
    assert objects.write("a/b", b"\x00\xffbytes", over=None)
    assert read(objects, "a/b") == b"\x00\xffbytes"


def test_what_was_never_written_is_not_there(objects: Objects) -> None:
    assert read(objects, "a") is None
    assert read(objects, "a/b/c") is None
    assert keys(objects) == keys(objects, "a/") == set()


def test_an_object_is_not_written_over_one_that_is_there(objects: Objects) -> None:
    objects.write("a", b"first", over=None)
    for other in (b"", b"2", b"other", b"second"):  # shorter, as long, and longer than what is there
        assert not objects.write("a", other, over=None)
    assert read(objects, "a") == b"first"


def test_an_object_is_written_over_what_was_read(objects: Objects) -> None:
    objects.write("a", b"first", over=None)
    content = objects.read("a", at_most=100)
    assert content
    assert objects.write("a", b"second", over=content.tag)
    assert not objects.write("a", b"third", over=content.tag)
    assert read(objects, "a") == b"second"


def test_an_object_that_is_gone_is_not_written_over(objects: Objects) -> None:
    objects.write("a", b"first", over=None)
    content = objects.read("a", at_most=100)
    objects.delete(["a"])
    assert content
    assert not objects.write("a", b"second", over=content.tag)
    assert read(objects, "a") is None


def test_of_many_that_write_at_once_one_succeeds(address: str) -> None:
    with ThreadPoolExecutor(20) as writers:
        stores = list(writers.map(lambda _: open_store(address), range(20)))
        written = list(
            writers.map(lambda store, number: store.write("a", b"%d" % number, over=None), stores, range(20))
        )
    assert written.count(True) == 1
    assert read(open_store(address), "a") == b"%d" % written.index(True)


def test_listing_gives_keys_sizes_and_times(objects: Objects) -> None:
    before = time()
    objects.write("a/b", b"four", over=None)
    objects.write("a/c/d", b"", over=None)
    objects.write("ab/e", b"1", over=None)
    assert {(stored.key, stored.bytes) for stored in objects.list("a/")} == {("a/b", 4), ("a/c/d", 0)}
    assert keys(objects) == {"a/b", "a/c/d", "ab/e"}
    assert all(abs(stored.modified - before) < 60 for stored in objects.list(""))


def test_a_listing_has_no_end_at_a_thousand(objects: Objects) -> None:
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda number: objects.write(f"many/{number}", b"", over=None), range(1010)))
    assert len(keys(objects, "many/")) == 1010
    objects.delete(f"many/{number}" for number in range(1010))
    assert keys(objects) == set()


def test_a_large_file_goes_up_and_comes_down(objects: Objects, tmp_path: Path) -> None:
    content = bytes(range(256)) * 80_000  # longer than one part of an upload
    (tmp_path / "up").write_bytes(content)
    seen: list[int] = []
    objects.upload("a/large", tmp_path / "up", seen.append)
    assert sum(seen) == len(content)
    seen.clear()
    objects.download("a/large", tmp_path / "down", seen.append)
    assert sum(seen) == len(content)
    assert (tmp_path / "down").read_bytes() == content


def test_a_download_of_nothing_is_an_error(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        objects.download("a/nothing", tmp_path / "down", lambda _: None)


def test_an_object_that_is_too_long_is_not_read(objects: Objects) -> None:
    objects.write("a", b"12345", over=None)
    with pytest.raises(StoreError, match="longer than 4 bytes"):
        objects.read("a", at_most=4)


def test_what_is_deleted_is_gone_and_may_be_gone_already(objects: Objects) -> None:
    objects.write("a/b/c", b"1", over=None)
    objects.write("a/d", b"2", over=None)
    objects.delete(["a/b/c", "a/never"])
    assert keys(objects) == {"a/d"}


def test_an_object_is_found_with_what_a_listing_says_of_it(objects: Objects) -> None:
    objects.write("a/b.csv", b"four", over=None)
    found = objects.find("a/b.csv")
    (listed,) = objects.list("")
    assert found
    assert (found.key, found.bytes, found.tag) == (listed.key, listed.bytes, listed.tag) == ("a/b.csv", 4, found.tag)
    assert abs(found.modified - listed.modified) < 2


@pytest.mark.parametrize("key", ["b", "a", "a/b.csv/c", "a/b.cs"])
def test_where_there_is_no_object_nothing_is_found(key: str, objects: Objects) -> None:
    objects.write("a/b.csv", b"four", over=None)
    assert objects.find(key) is None


def test_a_tag_changes_with_what_an_object_holds(objects: Objects) -> None:
    tags = []
    for content in (b"one", b"two", b"three"):
        objects.write_stream("a", BytesIO(content), lambda _: None)
        found = objects.find("a")
        assert found
        tags.append(found.tag)
    assert len(set(tags)) == 3


def test_an_object_is_read_anywhere_a_block_at_a_time(objects: Objects) -> None:
    content = bytes(range(256)) * 4000
    objects.write("a/large", content, over=None)
    (stored,) = objects.list("")
    with objects.open(stored, block_bytes=100_000) as file:
        assert file.read(10) == content[:10]
        file.seek(500_001)
        assert file.read(300_000) == content[500_001:800_001]
        file.seek(0)
        assert file.read() == content
        assert file.read() == b""


def test_an_empty_object_is_read_too(objects: Objects) -> None:
    objects.write("a", b"", over=None)
    (stored,) = objects.list("")
    with objects.open(stored, block_bytes=100) as file:
        assert file.read() == b""


@pytest.mark.parametrize("content", [b"another", b"longer than it was"])
def test_an_object_that_has_changed_is_not_read_as_the_one_that_was_found(content: bytes, objects: Objects) -> None:
    objects.write("a", b"the old", over=None)
    (stored,) = objects.list("")
    objects.write_stream("a", BytesIO(content), lambda _: None)
    with (
        pytest.raises(StoreError, match="a has changed since it was found"),
        objects.open(stored, block_bytes=4) as file,
    ):
        file.read()


def test_an_object_that_is_gone_is_not_read(objects: Objects) -> None:
    objects.write("a", b"the old", over=None)
    (stored,) = objects.list("")
    objects.delete(["a"])
    with pytest.raises(StoreError, match=r"changed since|No such file"), objects.open(stored, block_bytes=4) as file:
        file.read()


@pytest.mark.parametrize("pieces", [0, 1, 50])
def test_a_stream_of_any_length_is_written_over_what_was_there(pieces: int, objects: Objects) -> None:
    objects.write("a/b", b"old", over=None)
    piece = bytes(range(256)) * 2000
    seen: list[int] = []
    objects.write_stream("a/b", as_file([piece] * pieces), seen.append)
    assert sum(seen) == len(piece) * pieces
    content = objects.read("a/b", at_most=100_000_000)
    assert content
    assert content.raw == piece * pieces
    assert keys(objects) == {"a/b"}


@pytest.mark.parametrize("pieces", [0, 50])
def test_a_stream_that_breaks_off_leaves_what_was_there(pieces: int, objects: Objects) -> None:
    def breaking_off() -> Iterator[bytes]:
        for _ in range(pieces):
            yield bytes(512_000)
        raise StoreError("the other store is away")

    objects.write("a", b"old", over=None)
    with pytest.raises(StoreError, match="the other store is away"):
        objects.write_stream("a", as_file(breaking_off()), lambda _: None)
    with pytest.raises(StoreError, match="the other store is away"):
        objects.write_stream("b/c", as_file(breaking_off()), lambda _: None)
    assert read(objects, "a") == b"old"
    assert keys(objects) == {"a"}
