import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.wire.rows.formats import Format
from tests.wire.rows.answering import contents_of

TEXT = Format.TEXT


@given(
    lines=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"))),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_a_line_is_a_text_whatever_ends_it(lines: list[str], end: str, mark: bytes) -> None:
    body = "".join(line + end for line in lines)
    if not mark and body.startswith("\ufeff"):
        return
    assert contents_of(TEXT, mark + body.encode(), limit=10_000) == lines


@pytest.mark.parametrize(
    ("body", "contents"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\n\xff\nb", ["a", "<not_unicode>", "b"]),
        (b"a\n\xed\xa0\x80\nb", ["a", "<not_unicode>", "b"]),
        (b"a\n" + b"x" * 2000 + b"\nb", ["a", "<row_too_long>", "b"]),
        ("a\u2028b\x0bc\x85d".encode(), ["a\u2028b\x0bc\x85d"]),
    ],
)
def test_a_line_that_cannot_be_read_leaves_its_neighbours_alone(body: bytes, contents: list[str]) -> None:
    assert contents_of(TEXT, body) == contents
