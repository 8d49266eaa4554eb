"""A file that is fetched block by block reads as any other."""

import io
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.errors import StoreUnreachable
from sentigrade.store.ranges import RangedFile

BODY = b"".join(b"line %d\n" % number for number in range(1000))

Steps = st.lists(
    st.tuples(st.just("read"), st.integers(0, 300))
    | st.tuples(st.just("readline"), st.integers(-1, 20))
    | st.tuples(st.just("seek"), st.integers(0, 1200))
    | st.tuples(st.just("back"), st.integers(0, 50)),
    max_size=15,
)


class Far:
    """Bytes somewhere else, which writes down what was fetched of them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.fetched: list[tuple[int, int]] = []

    def __call__(self, first: int, last: int) -> bytes:
        assert 0 <= first <= last < len(self.content)
        self.fetched.append((first, last))
        return self.content[first : last + 1]

    def open(self, block_bytes: int) -> io.BufferedIOBase:
        file = RangedFile.open(self, len(self.content), block_bytes)
        assert isinstance(file, io.BufferedIOBase)
        return file


@given(st.binary(max_size=1000), st.integers(1, 200), Steps)
def test_it_reads_as_a_file_in_memory_does(content: bytes, block_bytes: int, steps: list[tuple[str, int]]) -> None:
    far, near = Far(content).open(block_bytes), io.BytesIO(content)
    for step, number in steps:
        if step == "seek":
            assert far.seek(number) == near.seek(number)
        elif step == "back":
            back = min(number, len(content))
            assert far.seek(-back, io.SEEK_END) == near.seek(-back, io.SEEK_END)
        else:
            assert getattr(far, step)(number) == getattr(near, step)(number)
        assert far.tell() == near.tell()
    assert far.read() == near.read()


def test_nothing_is_fetched_before_it_is_read() -> None:
    far = Far(BODY)
    file = far.open(1000)
    file.seek(5000)
    file.seek(0, io.SEEK_END)
    assert file.tell() == len(BODY)
    assert file.read() == b""
    assert far.fetched == []


def test_lines_come_in_blocks_and_each_block_once() -> None:
    far = Far(BODY)
    assert b"".join(far.open(1000)) == BODY
    assert [first for first, _ in far.fetched] == list(range(0, len(BODY), 1000))


def test_what_lies_in_the_block_is_not_fetched_again() -> None:
    far = Far(BODY)
    file = far.open(1000)
    file.seek(3000)
    file.read(500)
    file.seek(3100)
    assert file.read(100) == BODY[3100:3200]
    assert far.fetched == [(3000, 3999)]


def test_of_an_empty_object_nothing_is_fetched() -> None:
    far = Far(b"")
    assert far.open(10).read() == b""
    assert far.fetched == []


def test_a_fetch_that_fails_is_told_and_may_be_tried_again() -> None:
    failing = True

    def fetch(first: int, last: int) -> bytes:
        if failing:
            raise StoreUnreachable("the store is away")
        return BODY[first : last + 1]

    file = RangedFile.open(fetch, len(BODY), 100)
    with pytest.raises(StoreUnreachable, match="the store is away"):
        file.read(10)
    failing = False
    assert file.read(10) == BODY[:10]


def test_parquet_is_read_without_fetching_all_of_it() -> None:
    table = pa.table({"text": [os.urandom(30).hex() for _ in range(20_000)]})
    body = io.BytesIO()
    pq.write_table(table, body, row_group_size=1000)
    far = Far(body.getvalue())
    read = pq.ParquetFile(far.open(1000)).read_row_group(7)
    assert read.equals(table.slice(7000, 1000))
    assert sum(last + 1 - first for first, last in far.fetched) < len(far.content) / 5
