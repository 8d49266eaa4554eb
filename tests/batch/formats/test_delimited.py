import csv
import io
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from sentigrade.batch.formats import offsets
from sentigrade.batch.job import TableFormat
from sentigrade.batch.rows import Row
from sentigrade.errors import DataError, RequestError
from sentigrade.store.ranges import RangedFile
from tests.batch.formats.planned import ADDED, ADDED_CELLS, Planned, planned
from tests.batch.formats.toxicity import COMMENT, KINDS

Delimited = Literal["csv", "tsv"]
HEADER: dict[Delimited, bytes] = {"csv": b"id,text\n", "tsv": b"id\ttext\n"}
# Everything that parts a table, and little else.
Bodies = st.text('a,"\r\n\t\ufeff', max_size=80).map(str.encode) | st.binary(max_size=80)
Formats = st.sampled_from(["csv", "tsv"])
Texts = st.text(st.characters(codec="utf-8"), max_size=10) | st.text('a,"\r\n\tש', max_size=10)

# From within quotes as from without, such a line ends within quotes.
ENDLESS = b'a","b\n'


def table(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline=""), strict=True))


class TestReading:
    @given(Bodies, Formats, st.integers(1, 5))
    def test_chunk_by_chunk_the_rows_are_those_of_the_whole_file(
        self, body: bytes, form: Delimited, chunk_rows: int
    ) -> None:
        whole = planned(HEADER[form] + body, form)
        cut = planned(HEADER[form] + body, form, chunk_rows=chunk_rows)
        assert len(whole.surveyed.chunks) <= 1
        assert [len(chunk.rows) for chunk in cut.chunks()] == [chunk.rows for chunk in cut.surveyed.chunks]
        assert all(0 < chunk.rows <= chunk_rows for chunk in cut.surveyed.chunks)
        assert _without_places(cut) == _without_places(whole)
        assert cut.lines() == whole.lines()

    @given(Bodies, Formats, st.integers(1, 5), st.integers(8, 30))
    @example(ENDLESS * 3 + b'c"\n', "csv", 1, 20)
    def test_no_byte_is_read_in_two_chunks_however_short_rows_may_be(
        self, body: bytes, form: Delimited, chunk_rows: int, most: int
    ) -> None:
        cut = planned(HEADER[form] + body, form, chunk_rows=chunk_rows, max_row_bytes=most)
        for found, chunk in zip(cut.chunks(), cut.surveyed.chunks, strict=True):
            assert len(found.rows) == chunk.rows
            assert sum(len(row.raw) for row in found.rows) <= chunk.end - chunk.start

    @given(Bodies, Formats, st.integers(1, 5), st.integers(8, 100))
    def test_every_row_stands_on_the_line_that_is_said(
        self, body: bytes, form: Delimited, chunk_rows: int, most: int
    ) -> None:
        body = b"\n\r\n" + HEADER[form] + body
        cut = planned(body, form, chunk_rows=chunk_rows, max_row_bytes=most)
        lines = body.split(b"\n")
        for row, number in zip(cut.rows(), cut.lines(), strict=True):
            assert row.raw
            assert (lines[number - 1] + b"\n").startswith(row.raw.split(b"\n")[0])
        assert cut.lines() == sorted(set(cut.lines()))

    @given(Bodies, Formats)
    def test_chunks_are_all_that_follows_the_header(self, body: bytes, form: Delimited) -> None:
        cut = planned(HEADER[form] + body, form, chunk_rows=1).surveyed
        ends = [chunk.end for chunk in cut.chunks]
        assert [chunk.start for chunk in cut.chunks[1:]] == ends[:-1]
        assert all(end == len(HEADER[form] + body) for end in ends[-1:])

    @given(Bodies, Formats, st.integers(1, 5), st.integers(1, 12))
    def test_of_a_limit_the_first_rows_are_read(
        self, body: bytes, form: Delimited, chunk_rows: int, limit: int
    ) -> None:
        whole = planned(HEADER[form] + body, form)
        cut = planned(HEADER[form] + body, form, chunk_rows=chunk_rows, limit=limit)
        assert _without_places(cut) == _without_places(whole)[:limit]
        assert cut.surveyed.rows == min(limit, whole.surveyed.rows)

    def test_a_chunk_of_long_rows_ends_sooner(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(offsets, "CHUNK_BYTES", 20)
        rows = planned(b"text\n" + b"a text of 20 b.....\n" * 3 + b"short\n" * 9, "csv").surveyed.chunks
        assert [chunk.rows for chunk in rows] == [1, 1, 1, 4, 4, 1]

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (b"7", "invalid"),
            (b"7,a,b", "invalid"),
            (b'7,"not closed', "malformed"),
            (b"7,an old\rline end", "malformed"),
            (b"7,caf\xe9", "not_unicode"),
            (b"7," + b"x" * 200, "row_too_long"),
        ],
    )
    def test_a_bad_row_has_a_reason_its_line_and_its_beginning(self, line: bytes, code: str) -> None:
        cut = planned(b'id,text\n1,"a\nb"\n' + line + b"\n2,c\n", "csv", max_row_bytes=100)
        assert cut.contents() == ["a\nb", f"<{code}>", "c"]
        assert cut.lines() == [2, 4, 5]
        bad = cut.rows()[1]
        assert bad.shown() == line[:101].decode(errors="replace")
        assert bad.fields == {}

    def test_a_quote_that_is_never_closed_costs_its_line_alone(self) -> None:
        body = b"id,text\n" + b"1,a\n" * 30 + b'2,"b\n' + b"3,c\n" * 30
        assert planned(body, "csv", chunk_rows=7).contents() == ["a"] * 30 + ["<malformed>"] + ["c"] * 30

    def test_quotes_mean_nothing_in_a_tsv(self) -> None:
        body = b'id\ttext\r\n1\t"a, ""b""\r\n2\t5" disk\r\n'
        assert planned(body, "tsv").contents() == ['"a, ""b""', '5" disk']

    def test_a_mark_in_front_is_none_of_the_header(self) -> None:
        cut = planned(b'\xef\xbb\xbf"text",id\r\na,1\r\n', "csv")
        assert cut.surveyed.columns == ("text", "id")
        assert cut.contents() == ["a"]

    def test_the_last_line_needs_no_end(self) -> None:
        assert planned(b"text\na\nb", "csv", chunk_rows=1).contents() == ["a", "b"]

    @pytest.mark.parametrize("body", [b"", b"\n\r\n\n", b"\xef\xbb\xbf", b"text", b"text\n", b"text\n\n"])
    def test_a_file_without_rows_has_no_chunks(self, body: bytes) -> None:
        cut = planned(body, "csv")
        assert cut.surveyed.chunks == ()
        assert cut.surveyed.columns == (("text",) if b"text" in body else ())

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"id,review\n1,a\n", "no column 'text'; the columns are 'id', 'review': name .* with --text-column"),
            (b"id,id,text\n1,2,a\n", "several columns 'id': rename all but one"),
            (b'id,"text\n1,a\n', "header of the CSV cannot be read"),
            (b"id,text,\xff\n1,a,b\n", "not valid UTF-8"),
            ("id,text\n".encode("utf-16"), "UTF-16; save it as UTF-8"),
            (b"text" + b"," * 2000, "2,001 columns; send at most 1,024"),
        ],
    )
    def test_a_header_that_cannot_be_used_is_an_error_of_the_file(self, body: bytes, reason: str) -> None:
        with pytest.raises((DataError, RequestError), match=reason):
            planned(body, "csv")

    @pytest.mark.parametrize("end", [b"", b"\n\n\r\n"])
    def test_a_chunk_is_fetched_once_the_lines_of_its_bad_rows_too(self, end: bytes) -> None:
        body = b"id,text\n" + b"".join(b"%d,a text\n%d\n" % (number, number) for number in range(500)) + end
        cut = planned(body, "csv", chunk_rows=100)
        fetched: list[tuple[int, int]] = []

        def fetch(first: int, last: int) -> bytes:
            fetched.append((first, last))
            return body[first : last + 1]

        file = RangedFile.open(fetch, len(body), max(chunk.end - chunk.start for chunk in cut.surveyed.chunks))
        for chunk in cut.surveyed.chunks:
            found = cut.format.read(file, chunk, cut.surveyed, cut.reading)
            assert [found.line_of(row) for row in found.rows] == list(range(100))
        assert sum(last + 1 - first for first, last in fetched) == len(body) - len(b"id,text\n")


class TestWriting:
    @given(st.lists(st.tuples(Texts, Texts), max_size=6), st.integers(1, 3))
    def test_a_csv_keeps_every_cell(self, cells: list[tuple[str, str]], chunk_rows: int) -> None:
        body = _csv([("id", "text"), *cells])
        written = planned(body, "csv", chunk_rows=chunk_rows).written()
        assert table(written) == [{"id": id_, "text": text, **ADDED_CELLS} for id_, text in cells]
        assert planned(written, "csv").contents() == [text for _, text in cells]

    @given(st.lists(st.tuples(Texts, Texts), max_size=6))
    def test_a_tsv_has_a_blank_for_what_a_cell_cannot_hold(self, cells: list[tuple[str, str]]) -> None:
        written = planned(_csv([("id", "text"), *cells]), "csv", "tsv").written()
        read = planned(written, "tsv")
        assert read.contents() == [_with_blanks(text) for _, text in cells]
        assert [row.fields["id"] for row in read.rows()] == [_with_blanks(id_) for id_, _ in cells]
        assert all(row.fields.items() >= ADDED_CELLS.items() for row in read.rows())

    def test_the_header_comes_once_and_lines_end_with_a_line_feed(self) -> None:
        written = planned(b"text\r\na\r\nb\r\n", "csv", chunk_rows=1).written()
        answer = "Positive,4,0.5,0.0,0.1,0.2,0.3,0.4,sentiment,1"
        assert written.decode().splitlines(keepends=True) == [
            f"text,{','.join(ADDED)}\n",
            f"a,{answer}\n",
            f"b,{answer}\n",
        ]

    def test_bad_rows_are_left_out(self) -> None:
        assert [row["text"] for row in table(planned(b"id,text\n1,a\n2\n3,c\n", "csv").written())] == ["a", "c"]

    def test_a_column_that_has_a_name_of_ours_stays_and_ours_gives_way(self) -> None:
        (row,) = table(planned(b"label,text,model,answer_model\ngold,a,b,c\n", "csv").written())
        assert (row["label"], row["model"], row["answer_model"]) == ("gold", "b", "c")
        assert (row["answer_label"], row["answer_answer_model"]) == ("Positive", "sentiment")

    def test_an_output_can_be_scored_again(self) -> None:
        once = planned(b"id,text\n1,a\n", "csv").written()
        assert planned(planned(once, "csv").written(), "csv").contents() == ["a"]

    @pytest.mark.parametrize("form", ["csv", "tsv"])
    def test_what_has_only_a_header_becomes_a_header(self, form: Delimited) -> None:
        assert planned(HEADER[form], form).written().count(b"\n") == 1

    def test_what_has_not_even_a_header_becomes_nothing(self) -> None:
        assert planned(b"", "csv").written() == b""

    @pytest.mark.parametrize(("form", "parted"), [("csv", ","), ("tsv", "\t")])
    def test_several_labels_are_parted_by_bars(self, form: TableFormat, parted: str) -> None:
        written = planned(b"text\na\n", "csv", form).written(labels=KINDS, answer=COMMENT)
        header, row, _ = written.decode().split("\n")
        assert dict(zip(header.split(parted), row.split(parted), strict=True)) == {
            "text": "a",
            "labels": "Toxic|Insult",
            "probability_toxic": "0.9",
            "probability_insult": "0.6",
            "probability_threat": "0.1",
            "model": "toxicity",
            "version": "2",
        }


def _without_places(cut: Planned) -> list[Row]:
    """The rows, without what only their chunk knows them by."""
    return [replace(row, place=0) for row in cut.rows()]


def _csv(rows: list[tuple[str, str]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


def _with_blanks(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
