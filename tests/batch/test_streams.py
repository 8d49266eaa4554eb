import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.batch.streams import as_file


@given(st.lists(st.binary(max_size=30), max_size=10), st.lists(st.integers(1, 40), max_size=20))
def test_the_pieces_follow_each_other_however_they_are_read(pieces: list[bytes], sizes: list[int]) -> None:
    file = as_file(pieces)
    read = [file.read(size) for size in sizes]
    assert b"".join(read) + file.read() == b"".join(pieces)
    assert [len(block) for block in read] == _lengths(len(b"".join(pieces)), sizes)
    assert file.read(1) == b""


def test_a_piece_may_be_longer_than_what_is_asked_for_at_once() -> None:
    assert as_file([b"x" * 1_000_000, b"", b"y"]).read() == b"x" * 1_000_000 + b"y"


def test_no_piece_is_taken_before_it_is_needed() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(100):
            taken.append(number)
            yield b"x" * io.DEFAULT_BUFFER_SIZE

    file = as_file(pieces())
    assert taken == []
    file.read(10)
    assert taken == [0]


def test_what_goes_wrong_with_a_piece_is_told() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        as_file(pieces()).read()


def _lengths(total: int, sizes: list[int]) -> list[int]:
    lengths = []
    for size in sizes:
        lengths.append(min(size, total))
        total -= lengths[-1]
    return lengths
