import re
from io import BytesIO

import pytest

from sentigrade.answer import Rejection
from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.wire.rows.csv_table import CsvRows, CsvTexts
from sentigrade.wire.rows.formats import Format
from tests.wire.rows.answering import contents_of, rows_of

CSV = Format.CSV


def read(body: bytes, column: str | None = None) -> CsvRows:
    return CsvRows(BytesIO(body), column, max_row_bytes=1000)


@pytest.mark.parametrize(
    ("header", "column", "index"),
    [
        ("review", None, 0),
        ("id,text", None, 1),
        ("mytext,id", None, 0),
        ("id,texts,label", None, 1),
        ("id,text,review", "review", 2),
        ("id,id,text", None, 2),
        ("id,id,text", "text", 2),
        ('id,"the, text"', "the, text", 1),
        ('id,"two\nlines"', "two\nlines", 1),
        ("id,критика", "критика", 1),
        ("a;b", "a;b", 0),
        ("id,", "", 1),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_text_stands_in_the_named_or_the_only_or_a_usual_column(
    header: str, column: str | None, index: int, mark: bytes
) -> None:
    start = mark + header.encode() + b"\r\n"
    numbers = ",".join(map(str, range(len(read(start, column).names))))
    assert [row.content for row in read(start + numbers.encode(), column)] == [str(index)]


@pytest.mark.parametrize(
    ("header", "column", "reason"),
    [
        ("id,secret", None, "no column mytext, text or texts; name the column"),
        ("text,mytext", None, "Several columns could hold the texts; name"),
        ("id,secret", "text", "no column of that name"),
        ("secret", "text", "no column of that name"),
        ("secret,secret", "secret", "Several columns.*rename one"),
        ("text,text", None, "Several columns"),
        ("id;secret", None, "parted by semicolons; save the file with commas"),
        ("id;secret", "secret", "parted by semicolons"),
        ("id\tsecret", None, "parted by tabs; save the file with commas"),
    ],
)
def test_without_a_column_of_texts_the_whole_is_refused(header: str, column: str | None, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason) as caught:
        read(header.encode() + b"\n1,2\n", column)
    assert caught.value.pointer == "/column"
    assert "secret" not in caught.value.detail


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty; its first line names the columns"),
        (b"\n\r\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b'id,"secret\n1,a\n', "header of the CSV cannot be read; close its quotes"),
        (b"id,secret\r1,a\r", "end each line with a line feed"),
        (b"secret" * 200 + b"\n1\n", "cannot be read"),
        (b"id,\xff\n1,a\n", "header.*not valid UTF-8; save"),
        ("id,text\n".encode("utf-16"), "UTF-16; save it as UTF-8"),
    ],
)
def test_without_a_usable_header_the_whole_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedRequest, match=reason) as caught:
        read(body)
    assert "secret" not in caught.value.detail


def test_a_header_of_too_many_columns_is_refused() -> None:
    with pytest.raises(MalformedRequest, match="20,000 columns; send at most 1,024"):
        rows_of(CSV, b"text" + b"," * 19_999, limit=100_000)


@pytest.mark.parametrize(
    ("line", "code", "advice"),
    [
        (b"secret", "invalid", "^1 field where the header has 3; put a text that holds commas in quotes"),
        (b"1,secret, that is,5", "invalid", "^4 fields where the header has 3"),
        (b'1,"secret,5', "malformed", "in quotes, and double its own"),
        (b"1,secret\r,5", "malformed", "not valid CSV"),
        (b"1,secret\xff,5", "not_unicode", "as UTF-8"),
        (b"\xff,secret,5", "not_unicode", "as UTF-8"),
        (b"1," + b"secret" * 200 + b",5", "row_too_long", "longer than 1,000 bytes"),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_leaves_its_neighbours_alone(line: bytes, code: str, advice: str) -> None:
    before, bad, after = rows_of(CSV, b"id,text,stars\n1,a,1\n" + line + b"\n2,b,2\n")
    assert (before.content, after.content) == ("a", "b")
    assert isinstance(bad.content, Rejection)
    assert bad.content.code == code
    assert re.search(advice, bad.content.detail)
    assert "secret" not in bad.content.detail


@pytest.mark.parametrize(
    ("body", "contents"),
    [
        (b"text", []),
        (b"text\n", []),
        (b"\n\ntext\n\na\n\r\nb", ["a", "b"]),
        (b'text\n""\n', [""]),
        (b"text,id\n,1\n", [""]),
        (b'text\n"a\r\nb"\n', ["a\r\nb"]),
        (b"text\r\na\r\n", ["a"]),
        (b'text\n 5" disk \n', [' 5" disk ']),
        (b"text\na\0b\n", ["a\0b"]),
        ("text\n👍🏽\nשלום\n".encode(), ["👍🏽", "שלום"]),
    ],
)
def test_a_record_is_a_row_and_a_blank_line_is_none(body: bytes, contents: list[str]) -> None:
    assert contents_of(CSV, body) == contents


def test_the_header_keeps_its_mark_its_bytes_and_its_line_end() -> None:
    table = read(b'\xef\xbb\xbf"id", text\r\n1,a\n', " text")
    assert table.header == b'\xef\xbb\xbf"id", text'
    assert table.names == ["id", " text"]
    assert table.line_end == b"\r\n"
    assert read(b"text").line_end == b"\n"


def test_a_row_keeps_its_bytes_and_a_bad_one_is_shown_among_the_texts() -> None:
    body = b'id,text,stars\n1,"a, ""b""\nc",5\r\n2,"open\n3,\xff,1\n'
    assert [row.record for row in rows_of(CSV, body)] == [
        b'1,"a, ""b""\nc",5',
        b',"2,""open",',
        "3,\ufffd,1".encode(),
    ]


class TestOneColumnWithoutAHeader:
    def texts(self, body: bytes) -> list[str]:
        rows = list(CsvTexts(BytesIO(body), max_row_bytes=1000))
        assert [row.number for row in rows] == list(range(len(rows)))
        return [row.content if isinstance(row.content, str) else f"<{row.content.code}>" for row in rows]

    def test_each_record_is_a_text_the_first_and_the_blank_ones_too(self) -> None:
        body = b'\xef\xbb\xbftext\n"a, ""b"" and\nc"\n\n""\r\n\r\n d; e \nlast'
        assert self.texts(body) == ["text", 'a, "b" and\nc', "", "", "", " d; e ", "last"]
        assert self.texts(b"") == []

    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            (b"a,secret", "invalid"),
            (b'"open', "malformed"),
            (b"\xff", "not_unicode"),
            (b"x" * 1001, "row_too_long"),
        ],
    )
    def test_a_bad_record_is_an_error_and_its_neighbours_stand(self, bad: bytes, code: str) -> None:
        assert self.texts(b"a\n" + bad + b"\nb\n") == ["a", f"<{code}>", "b"]

    def test_a_second_column_is_told_what_to_do(self) -> None:
        (row,) = CsvTexts(BytesIO(b"1,secret\n"), max_row_bytes=1000)
        assert isinstance(row.content, Rejection)
        assert "header=present" in row.content.detail
        assert "secret" not in row.content.detail

    def test_utf_16_is_refused(self) -> None:
        with pytest.raises(MalformedRequest, match="UTF-8"):
            self.texts("a\n".encode("utf-16"))
