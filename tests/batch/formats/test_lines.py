import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.errors import RequestError
from tests.batch.formats.planned import planned
from tests.batch.formats.toxicity import COMMENT, KINDS

Bodies = st.text("a \r\n\ufeff", max_size=60).map(str.encode) | st.binary(max_size=60)


@given(Bodies, st.integers(1, 5), st.integers(3, 30))
def test_chunk_by_chunk_the_rows_are_those_of_the_whole_file(body: bytes, chunk_rows: int, most: int) -> None:
    body = b"first\n" + body
    whole = planned(body, "lines", max_row_bytes=most)
    cut = planned(body, "lines", chunk_rows=chunk_rows, max_row_bytes=most)
    assert cut.contents() == whole.contents()
    assert [len(chunk.rows) for chunk in cut.chunks()] == [chunk.rows for chunk in cut.surveyed.chunks]
    assert len(cut.contents()) == len(list(BytesIO(body)))
    assert cut.lines() == list(range(1, 1 + cut.surveyed.rows))


@given(Bodies, st.integers(1, 5), st.integers(1, 8))
def test_of_a_limit_the_first_lines_are_read(body: bytes, chunk_rows: int, limit: int) -> None:
    body = b"first\n" + body
    cut = planned(body, "lines", chunk_rows=chunk_rows, limit=limit)
    assert cut.contents() == planned(body, "lines").contents()[:limit]


def test_a_line_is_a_text_without_its_end_and_an_empty_one_is_one_too() -> None:
    body = "\ufeffa film\r\n\n ordinary \u2028\x0b\nlast".encode()
    assert planned(body, "lines").contents() == ["a film", "", " ordinary \u2028\x0b", "last"]


def test_a_line_that_cannot_be_read_says_why_and_its_neighbours_stand() -> None:
    cut = planned(b"a\ncaf\xe9\n" + b"x" * 30 + b"\nb\n", "lines", max_row_bytes=20)
    assert cut.contents() == ["a", "<not_unicode>", "<row_too_long>", "b"]
    assert cut.rows()[1].shown() == "caf\ufffd"


def test_a_file_without_lines_has_no_chunks() -> None:
    assert planned(b"", "lines").surveyed.chunks == planned(b"\xef\xbb\xbf", "lines").surveyed.chunks == ()


def test_utf_16_is_an_error_of_the_file() -> None:
    with pytest.raises(RequestError, match="UTF-16; save it as UTF-8"):
        planned("a film\n".encode("utf-16"), "lines")


def test_as_lines_the_answers_are_bare_labels() -> None:
    assert planned(b"a\nb\n", "lines", chunk_rows=1).written() == b"Positive\nPositive\n"
    assert planned(b"a\nb\n", "lines").written(labels=KINDS, answer=COMMENT) == b"Toxic|Insult\nToxic|Insult\n"


def test_in_other_formats_the_text_is_a_column() -> None:
    (line,) = planned(b'say "hi", you', "lines", "jsonl").written().splitlines()
    assert json.loads(line)["text"] == 'say "hi", you'
    _, row = planned(b'say "hi", you', "lines", "csv", text_column="review").written().decode().splitlines()
    assert row.startswith('"say ""hi"", you",Positive,4,')
