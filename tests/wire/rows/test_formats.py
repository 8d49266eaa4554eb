from io import BytesIO

import pytest

from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.labels import FIVE_LEVELS
from sentigrade.options import Options
from sentigrade.wire.rows.formats import ROW_TYPES, Format, answer_formats, open_rows, open_writer
from tests.wire.rows.answering import answer_to, rows_of

BODIES = {Format.NDJSON: b'"a"\n"b"\n', Format.CSV: b"text\na\nb\n", Format.TEXT: b"a\nb\n"}


def test_a_body_says_what_it_is_by_any_of_its_usual_media_types() -> None:
    assert {name for name, format_ in ROW_TYPES.items() if format_ is Format.NDJSON} == {
        "application/x-ndjson",
        "application/jsonl",
        "application/jsonlines",
    }
    assert ROW_TYPES["text/csv"] is Format.CSV
    assert ROW_TYPES["text/plain"] is Format.TEXT


def test_only_a_csv_is_answered_with_a_csv() -> None:
    assert answer_formats(Format.CSV)[0] is Format.CSV
    for format_ in (Format.NDJSON, Format.TEXT):
        assert answer_formats(format_) == (Format.NDJSON, Format.TEXT)


@pytest.mark.parametrize("read", Format)
def test_every_row_has_an_answer_in_every_format(read: Format) -> None:
    assert [row.content for row in rows_of(read, BODIES[read])] == ["a", "b"]
    for written in answer_formats(read):
        assert len(answer_to(BODIES[read], read, written).splitlines()) == 2 + (written is Format.CSV)


@pytest.mark.parametrize("read", [Format.NDJSON, Format.TEXT])
def test_an_empty_body_has_an_empty_answer(read: Format) -> None:
    for written in answer_formats(read):
        assert answer_to(b"", read, written) == b""


@pytest.mark.parametrize("read", Format)
def test_utf_16_is_refused_in_every_format(read: Format) -> None:
    with pytest.raises(MalformedRequest, match="UTF-8"):
        rows_of(read, BODIES[read].decode().encode("utf-16"))


def test_plain_text_has_no_columns() -> None:
    with pytest.raises(InvalidRequest, match="leave out") as caught:
        rows_of(Format.TEXT, b"a\n", column="text")
    assert caught.value.pointer == "/column"


def test_a_csv_may_be_one_column_without_a_header_answered_without_one() -> None:
    rows = open_rows(Format.CSV, BytesIO(b"a\nb\n"), column=None, max_row_bytes=100, has_header=False)
    assert [row.content for row in rows] == ["a", "b"]
    assert open_writer(Format.CSV, rows, FIVE_LEVELS, Options()).header() == b""


def test_a_csv_without_a_header_has_no_column_of_a_name() -> None:
    with pytest.raises(InvalidRequest, match="header=present") as caught:
        open_rows(Format.CSV, BytesIO(b"a\n"), column="text", max_row_bytes=100, has_header=False)
    assert caught.value.pointer == "/column"
