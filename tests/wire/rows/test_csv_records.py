import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.answer import Rejection
from sentigrade.wire.rows.csv_records import COMMAS, Dialect, Record, records

# Everything that parts a CSV, and little else.
Snippets = st.text('a,"\r\n', max_size=60)


def parts(body: bytes, limit: int = 1000, dialect: Dialect = COMMAS) -> list[list[str] | str]:
    """The fields of each record, or the code of why it has none."""
    return [
        record.fields.code if isinstance(record.fields, Rejection) else record.fields
        for record in records(io.BytesIO(body), limit, dialect=dialect)
    ]


@given(Snippets)
def test_what_python_reads_without_an_error_is_read_the_same(body: str) -> None:
    try:
        expected = list(csv.reader(_lines(body), strict=True))
    except csv.Error:
        return
    assert parts(body.encode()) == [fields for fields in expected if fields]


@given(Snippets, st.integers(1, 30))
def test_no_line_is_lost_or_read_twice_whatever_is_broken(body: str, limit: int) -> None:
    if all(len(line) <= limit for line in _lines(body)):
        raw = b"".join(record.raw for record in records(io.BytesIO(body.encode()), limit))
        assert _without_blank_lines(raw) == _without_blank_lines(body.encode())


@given(Snippets)
def test_what_is_remembered_of_broken_quotes_changes_nothing(body: str) -> None:
    assert parts(body.encode()) == list(_read_with_patience(list(_lines(body))))


@given(Snippets, st.integers(1, 30))
def test_a_record_that_can_be_read_is_read_from_its_bytes_alone(body: str, limit: int) -> None:
    for record in records(io.BytesIO(body.encode()), limit):
        if not isinstance(record.fields, Rejection):
            assert parts(record.raw) == [record.fields]
            assert len(record.raw) <= limit


@pytest.mark.parametrize(
    ("broken", "costs"),
    [
        (b'5,"not closed', 1),
        (b'5,"text" after a quote', 1),
        (b'5,"say "hi", you"', 1),
        (b"5,an old\rline end", 1),
        (b'5,"not closed\n6,"neither', 2),
        (b'5,"not closed\n\n6,a film', 1),
    ],
)
@pytest.mark.parametrize("good", [b"7,a film", b'7,"a, film"', b'7,"a ""good"" film"', b'7,"two\nlines"'])
def test_a_broken_quote_costs_only_the_row_in_which_it_opens(broken: bytes, costs: int, good: bytes) -> None:
    alone = parts(good)
    found = parts((good + b"\n") * 50 + broken + b"\n" + (good + b"\n") * 50)
    assert found.count("malformed") == costs
    assert found[:50] == alone * 50
    assert found[-50:] == alone * 50


def test_a_record_within_quotes_is_bounded_too() -> None:
    body = b'1,"' + b"line\n" * 1000 + b'"\n2,a\n'
    assert parts(body, limit=10_000) == [["1", "line\n" * 1000], ["2", "a"]]
    cut = parts(body, limit=100)
    assert cut[:2] == ["malformed", ["line"]]
    assert len(cut) == 1002


@pytest.mark.parametrize("start", [b"", b'1,"open\n'])
def test_a_line_that_is_too_long_is_skipped_and_shown_by_its_beginning(start: bytes) -> None:
    found = list(records(io.BytesIO(start + b"2," + b"x" * 3_000_000 + b"\n3,a\n"), 5000))
    *_, long, last = found
    assert isinstance(long.fields, Rejection)
    assert long.fields.code == "row_too_long"
    assert long.raw == b"2," + b"x" * 998
    assert last == Record(["3", "a"], b"3,a\n", len(start) + 3_000_003)
    assert len(found) == 2 + bool(start)


@given(Snippets | st.binary(max_size=60), st.integers(0, 5), st.integers(1, 30))
def test_a_record_says_where_it_starts(body: str | bytes, skipped: int, limit: int) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    file = io.BytesIO(raw)
    file.seek(min(skipped, len(raw)))
    found = list(records(file, limit))
    assert all(raw[record.start :].startswith(record.raw) for record in found)
    starts = [record.start for record in found]
    assert starts == sorted(set(starts))


@given(Snippets)
def test_from_where_a_record_starts_the_rest_is_read_the_same(body: str) -> None:
    found = list(records(io.BytesIO(body.encode()), 1000))
    for number, record in enumerate(found):
        file = io.BytesIO(body.encode())
        file.seek(record.start)
        assert list(records(file, 1000)) == found[number:]


class TestTabsAndPlainQuotes:
    TABS = Dialect("\t", csv.QUOTE_NONE)

    def parts(self, body: bytes, limit: int = 1000) -> list[list[str] | str]:
        return parts(body, limit, self.TABS)

    def test_quotes_and_commas_are_text(self) -> None:
        assert self.parts(b'1\t"a, ""b""\t\n2\t5" disk\r\n') == [["1", '"a, ""b""', ""], ["2", '5" disk']]

    def test_a_quote_opens_nothing(self) -> None:
        assert self.parts(b'"1\ta\n2"\tb\n') == [['"1', "a"], ['2"', "b"]]

    def test_a_lone_carriage_return_is_no_text(self) -> None:
        assert self.parts(b"1\ta\rb\n2\tc\n") == ["malformed", ["2", "c"]]

    @given(st.lists(st.lists(st.text("a,\"'\\ ", min_size=1, max_size=5), min_size=1, max_size=3), max_size=5))
    def test_fields_without_tabs_and_line_ends_are_read_back(self, table: list[list[str]]) -> None:
        assert self.parts("".join("\t".join(row) + "\n" for row in table).encode()) == table


def test_bytes_that_are_no_utf_8_part_nothing() -> None:
    found = list(records(io.BytesIO(b'1,"\xff\n\xe2\x82"\n2,a\n'), 100))
    assert [record.is_unicode for record in found] == [False, True]
    assert [len(record.fields) for record in found if isinstance(record.fields, list)] == [2, 2]


def test_a_line_of_nothing_but_such_bytes_is_not_blank() -> None:
    assert parts(b"\xff\n\na\n") == [["\ufffd"], ["a"]]


@given(Snippets)
def test_a_blank_line_is_a_record_without_a_field_where_that_is_wanted(body: str) -> None:
    found = list(records(io.BytesIO(body.encode()), 1000, blank_too=True))
    assert b"".join(record.raw for record in found) == body.encode()
    assert [record for record in found if record.fields] == list(records(io.BytesIO(body.encode()), 1000))


def test_a_field_may_be_as_long_as_its_record() -> None:
    assert parts(b"a" * 1_000_000, limit=1_000_000) == [["a" * 1_000_000]]


class _Metered(io.BytesIO):
    """Counts the bytes that were read."""

    amount = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.amount += len(line)
        return line


@pytest.mark.parametrize(
    "lines",
    [
        [b'a","b\n'] * 20_000,  # from within quotes as from without, such a line ends within quotes
        [b'"a\n'] * 20_000,
        [b'a","b\n'] * 9_999 + [b'"x"y\n'] + [b'a","b\n'] * 10_000,
        ([b'a","b\n'] * 99 + [b'"x"y\n']) * 200,
        [b'"a\n'] + [b"b\n"] * 20_000,
        [b'a","b\n'] * 10_000 + [b"x" * 6000 + b"\n"] + [b'a","b\n'] * 10_000,
    ],
)
@pytest.mark.parametrize("limit", [5000, 1_000_000])
def test_a_file_of_broken_quotes_is_read_about_twice_and_no_row_is_lost(lines: list[bytes], limit: int) -> None:
    file = _Metered(b"".join(lines))
    assert sum(1 for _ in records(file, limit)) == len(lines)
    assert file.amount <= 3 * len(file.getvalue())


def _read_with_patience(lines: list[str]) -> Iterator[list[str] | str]:
    """Begin anew at each line after a broken one, however often that reads the rest."""
    while lines:
        reader = csv.reader(lines, strict=True)
        try:
            fields = next(reader)
        except csv.Error:
            yield "malformed"
            lines = lines[1:]
        else:
            lines = lines[reader.line_num :]
            if fields:
                yield fields


def _lines(body: str) -> io.StringIO:
    return io.StringIO(body, newline="\n")


def _without_blank_lines(raw: bytes) -> list[bytes]:
    return [line for line in raw.split(b"\n") if line.strip(b"\r")]
