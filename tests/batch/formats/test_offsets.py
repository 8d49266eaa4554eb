from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.batch.formats import offsets
from sentigrade.batch.formats.base import Reading
from sentigrade.batch.formats.offsets import chunks_of, line_starts
from sentigrade.batch.job import Chunk

Lines = st.text("a\r\n", max_size=60).map(str.encode)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offsets, "_BLOCK_BYTES", 3)


def cut(body: bytes, *, chunk_rows: int = 100, limit: int | None = None, skipped: int = 0) -> list[Chunk]:
    file = BytesIO(body)
    file.seek(skipped)
    return list(chunks_of(file, line_starts, Reading("text", "lines", chunk_rows, 100, limit)))


@given(Lines)
def test_each_line_starts_after_the_end_of_the_one_before(body: bytes) -> None:
    lengths = [len(line) for line in body.split(b"\n")]
    starts = [sum(lengths[:number]) + number for number in range(len(lengths))]
    assert list(line_starts(BytesIO(body))) == [start for start in starts if start < len(body)]


@given(Lines, st.integers(1, 5), st.none() | st.integers(1, 12), st.integers(0, 3))
def test_chunks_follow_each_other_and_hold_all_rows_up_to_the_limit(
    body: bytes, chunk_rows: int, limit: int | None, skipped: int
) -> None:
    skipped = min(skipped, len(body))
    lines = _lines(body[skipped:])[:limit]
    chunks = cut(body, chunk_rows=chunk_rows, limit=limit, skipped=skipped)
    parts = [body[chunk.start : chunk.end] for chunk in chunks]
    assert b"".join(parts) == b"".join(lines)
    assert [_lines(part) for part in parts] == [
        lines[start : start + chunk_rows] for start in range(0, len(lines), chunk_rows)
    ]
    assert [chunk.rows for chunk in chunks] == [len(_lines(part)) for part in parts]


def test_a_chunk_ends_with_the_row_that_makes_it_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offsets, "CHUNK_BYTES", 8)
    assert [chunk.rows for chunk in cut(b"123\n123\n123\n1234567890\n1\n2\n3\n")] == [2, 2, 3]


def test_a_row_that_is_longer_than_any_chunk_is_one_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offsets, "CHUNK_BYTES", 8)
    assert cut(b"x" * 100 + b"\n1\n") == [Chunk(0, 101, 1), Chunk(101, 103, 1)]


def test_nothing_is_no_chunk() -> None:
    assert cut(b"") == []


def _lines(body: bytes) -> list[bytes]:
    return list(BytesIO(body))
