import json
import re
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.answer import Rejection
from sentigrade.errors import InvalidRequest
from sentigrade.wire.rows.formats import Format
from sentigrade.wire.rows.ndjson import NdjsonRows
from tests.wire.rows.answering import contents_of, rows_of

NDJSON = Format.NDJSON

Texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    texts=st.lists(Texts),
    form=st.sampled_from([None, "mytext", "text", "texts"]),
    end=st.sampled_from(["\n", "\r\n"]),
    escaped=st.booleans(),
)
def test_a_line_is_a_string_or_an_object(texts: list[str], form: str | None, end: str, escaped: bool) -> None:
    lines = [text if form is None else {"id": 7, form: text, "stars": None} for text in texts]
    body = "".join(json.dumps(line, ensure_ascii=escaped) + end for line in lines)
    assert contents_of(NDJSON, b"\xef\xbb\xbf" + body.encode(), limit=10_000) == texts


def test_a_column_names_the_field() -> None:
    body = b'{"review": "a", "text": "b"}\n"c"\n{"text": "d"}'
    assert contents_of(NDJSON, body, column="review") == ["a", "c", "<invalid>"]
    assert contents_of(NDJSON, '{"критика": "a"}'.encode(), column="критика") == ["a"]


@pytest.mark.parametrize("column", ['a"b', "a\\b", "a\nb", "\ud800"])
def test_a_column_that_cannot_be_looked_for_is_refused(column: str) -> None:
    with pytest.raises(InvalidRequest, match="rename") as caught:
        NdjsonRows(BytesIO(b""), column, max_row_bytes=10)
    assert caught.value.pointer == "/column"


@pytest.mark.parametrize(
    ("line", "code", "advice"),
    [
        (b"", "malformed", "empty; send"),
        (b"  ", "malformed", "empty; send"),
        (b"a film", "malformed", "not valid JSON"),
        (b'{"text": "secret"', "malformed", "send a line"),
        (b'{"text": "secret"} 1', "malformed", "send a line"),
        (b'"\\ud800"', "malformed", "half of a surrogate pair"),
        (b'{"a": ' + b"[" * 100_000, "malformed", "not valid JSON"),
        (b'"\xff"', "not_unicode", "as UTF-8"),
        (b'{"text": "secret", "author": "\xff"}', "not_unicode", "as UTF-8"),
        (b"[1]", "invalid", "neither a string nor an object"),
        (b"7", "invalid", "neither a string nor an object"),
        (b"null", "invalid", "neither a string nor an object"),
        (b'{"text": ["secret"]}', "invalid", "a string for its text"),
        (b'{"text": null}', "invalid", "a string for its text"),
        (b"{}", "invalid", "Exactly one of mytext, text, texts"),
        (b'{"secret": "a"}', "invalid", "name another field with the option column"),
        (b'{"text": "secret", "mytext": "b"}', "invalid", "Exactly one of"),
        (b'"' + b"secret" * 50_000 + b'"', "row_too_long", "longer than 200,000 bytes"),
    ],
)
def test_a_bad_line_says_what_to_send_and_leaves_its_neighbours_alone(line: bytes, code: str, advice: str) -> None:
    before, bad, after = rows_of(NDJSON, b'"a"\n' + line + b'\n{"text": "b"}\n', limit=200_000)
    assert (before.content, after.content) == ("a", "b")
    assert isinstance(bad.content, Rejection)
    assert bad.content.code == code
    assert "secret" not in bad.content.detail
    assert re.search(advice, bad.content.detail)


def test_a_missing_column_is_not_named_in_the_error() -> None:
    (row,) = rows_of(NDJSON, b'{"text": "a"}', column="secret")
    assert isinstance(row.content, Rejection)
    assert "secret" not in row.content.detail


def test_numbers_and_nesting_in_other_fields_do_not_matter() -> None:
    body = b'{"big": 1e999, "deep": ' + b"[" * 100 + b"]" * 100 + b', "text": "a"}'
    assert contents_of(NDJSON, body) == ["a"]


def test_an_empty_body_has_no_rows() -> None:
    assert contents_of(NDJSON, b"") == []
