import json

import pytest

from sentigrade.errors import InvalidRequest
from sentigrade.wire.rows.formats import Format
from sentigrade.wire.rows.line_answers import encode_lines
from tests.wire.rows.answering import ANSWER, REJECTION, answer_to


def test_an_answer_is_a_line_of_json_and_an_error_one_with_its_row() -> None:
    lines = answer_to(b'"a"\n{\n"too long"\n"b"', Format.NDJSON, Format.NDJSON).split(b"\n")
    assert lines.pop() == b""
    answer, malformed, rejected, last = map(json.loads, lines)
    assert answer == last
    assert answer["label"] == "Positive"
    assert malformed["error"].keys() == {"code", "detail", "row"}
    assert (malformed["error"]["code"], malformed["error"]["row"]) == ("malformed", 1)
    assert (rejected["error"]["code"], rejected["error"]["row"]) == ("text_too_long", 2)


def test_numbers_of_rows_go_on_from_block_to_block() -> None:
    lines = answer_to(b"a\n" * 300 + b"\xff\n", Format.TEXT, Format.NDJSON).splitlines()
    assert len(lines) == 301
    assert json.loads(lines[300])["error"]["row"] == 300


def test_bare_labels_are_lines_of_text() -> None:
    assert answer_to(b"id,text\n1,a\n2,b,c\n", Format.CSV, Format.TEXT) == b"Positive\nerror: invalid\n"


def test_the_texts_of_one_question_have_a_line_each() -> None:
    first, second = map(json.loads, encode_lines([ANSWER, REJECTION], is_list=True).splitlines())
    assert first["label"] == "Positive"
    assert second["error"]["row"] == 1
    assert encode_lines([ANSWER], is_list=False) == encode_lines([ANSWER], is_list=True)


def test_one_text_that_cannot_be_answered_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        encode_lines([REJECTION], is_list=False)
