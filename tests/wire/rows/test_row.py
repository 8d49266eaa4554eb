import pytest

from sentigrade.answer import Rejection
from sentigrade.wire.rows.row import Row, in_blocks, outcomes_of
from tests.wire.rows.answering import ANSWER, REJECTION, score

BAD = Rejection(code="malformed", detail="...")


def test_a_block_is_full_with_256_rows() -> None:
    rows = [Row(number, "a film") for number in range(600)]
    blocks = list(in_blocks(rows, 1 << 20))
    assert [len(block) for block in blocks] == [256, 256, 88]
    assert [row for block in blocks for row in block] == rows


@pytest.mark.parametrize("long", [Row(0, "a" * 400_000), Row(0, BAD, record=b"a" * 400_000)])
def test_a_block_of_long_rows_is_full_sooner(long: Row) -> None:
    assert [len(block) for block in in_blocks([long] * 7, 1 << 20)] == [3, 3, 1]


def test_no_rows_are_no_blocks() -> None:
    assert list(in_blocks([], 1)) == []


def test_rows_without_a_text_keep_their_rejection_in_their_place() -> None:
    rows = [Row(0, "a film"), Row(1, BAD), Row(2, "too long"), Row(3, "a plot")]
    assert outcomes_of(rows, score) == [ANSWER, BAD, REJECTION, ANSWER]


def test_rows_of_which_none_has_a_text_are_rejected_all() -> None:
    assert outcomes_of([Row(0, BAD)], score) == [BAD]
