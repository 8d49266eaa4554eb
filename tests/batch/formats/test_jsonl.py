import csv
import io
import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.batch.job import TableFormat
from sentigrade.errors import DataError, RequestError
from tests.batch.formats.planned import ADDED_CELLS, planned
from tests.batch.formats.toxicity import COMMENT, KINDS

Bodies = st.text('{}[]":,tex1 \r\n\\', max_size=60).map(str.encode) | st.binary(max_size=60)
Values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=5,
)
Records = st.fixed_dictionaries(
    {"text": st.text(st.characters(codec="utf-8"), max_size=10)},
    optional={"id": Values, "label": Values, "answer_label": Values, "": Values},
)
# Spelled as no parser would spell them again.
SPELLED = (
    '{"id": 12345678901234567890123, "text": "a", "far": 1e400, "price": 1.10, "tags": ["x",  null], "none": null}'
)


def lines(records: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def cells(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline=""), strict=True))


@given(Bodies, st.integers(1, 5), st.integers(10, 60))
def test_chunk_by_chunk_the_rows_are_those_of_the_whole_file(body: bytes, chunk_rows: int, most: int) -> None:
    body = b'{"text": "first"}\n' + body
    whole = planned(body, "jsonl", max_row_bytes=most)
    cut = planned(body, "jsonl", chunk_rows=chunk_rows, max_row_bytes=most)
    assert cut.contents() == whole.contents()
    assert [len(chunk.rows) for chunk in cut.chunks()] == [chunk.rows for chunk in cut.surveyed.chunks]
    assert len(cut.contents()) == len(list(io.BytesIO(body)))
    assert cut.lines() == list(range(1, 1 + cut.surveyed.rows))


@given(Bodies, st.integers(1, 8))
def test_whatever_is_read_becomes_a_csv_of_one_width(body: bytes, limit: int) -> None:
    cut = planned(b'"first"\n' + body, "jsonl", "csv", limit=limit)
    records = list(csv.reader(io.StringIO(cut.written().decode(), newline=""), strict=True))
    texts = [row.content for row in cut.rows() if isinstance(row.content, str)]
    assert len({len(record) for record in records}) == 1
    assert [record[0] for record in records[1:]] == texts


@pytest.mark.parametrize(
    ("line", "content"),
    [
        ('"a film"', "a film"),
        ('{"text": "caf\\u00e9", "other": {"text": 1}}', "café"),
        ('{"text": "first", "text": "last"}', "last"),
        (' {"text" : "a"} \r', "a"),
        ('{"review": "a"}', "<invalid>"),
        ('{"text": null}', "<invalid>"),
        ('{"text": ["a"]}', "<invalid>"),
        ("17", "<invalid>"),
        ("null", "<invalid>"),
        ("", "<malformed>"),
        ("{", "<malformed>"),
        ('{"text": "a"} {"text": "b"}', "<malformed>"),
        ('{"text": "\\ud800"}', "<malformed>"),
        ('{"text": "a", "other": "\\ud800"}', "<malformed>"),
        ('{"text": "a", "other": 01}', "<malformed>"),
        ('{"text": "a", "other": ' + "[" * 100_000, "<malformed>"),
        ('{"text": "' + "x" * 300_000 + '"}', "<row_too_long>"),
    ],
)
def test_a_line_is_an_object_or_a_string_and_its_neighbours_stand(line: str, content: str) -> None:
    cut = planned(f'{{"text": "before"}}\n{line}\n"after"\n'.encode(), "jsonl", max_row_bytes=200_000)
    assert cut.contents() == ["before", content, "after"]


def test_a_line_that_is_no_utf_8_is_told_so_and_shown() -> None:
    (row,) = planned(b'{"text": "a", "name": "caf\xe9"}', "jsonl").rows()
    assert row.shown() == '{"text": "a", "name": "caf\ufffd"}'
    assert planned(b'"caf\xe9"\n"a"', "jsonl").contents() == ["<not_unicode>", "a"]


def test_a_field_that_is_missing_is_named() -> None:
    (row,) = planned(b'{"text": "a"}', "jsonl", text_column="review").rows()
    assert "no field 'review'; every line needs it" in str(row.content)


def test_a_mark_in_front_hides_no_line_and_utf_16_is_an_error_of_the_file() -> None:
    assert planned(b'\xef\xbb\xbf{"text": "a"}', "jsonl").contents() == ["a"]
    with pytest.raises(RequestError, match="UTF-16"):
        planned('{"text": "a"}'.encode("utf-16"), "jsonl")


class TestAsJsonLines:
    @given(st.lists(Records, max_size=4))
    def test_every_field_and_its_value_stay_and_the_answer_gives_way(self, records: list[dict[str, object]]) -> None:
        written = [json.loads(line) for line in planned(lines(records), "jsonl").written().splitlines()]
        assert [list(row.items())[: len(record)] for row, record in zip(written, records, strict=True)] == [
            list(record.items()) for record in records
        ]
        for row, record in zip(written, records, strict=True):
            ours = next(name for name in ("answer_answer_label", "answer_label", "label") if name in row)
            assert row[ours if "label" in record else "label"] == "Positive"

    def test_values_stay_as_they_are_spelled(self) -> None:
        (line,) = planned(SPELLED.encode(), "jsonl").written().splitlines()
        for spelled in ("12345678901234567890123", "1e400", "1.10", '["x",  null]', '"none":null'):
            assert spelled in line.decode()

    def test_a_string_becomes_an_object(self) -> None:
        written = planned(b'"a film"\n', "jsonl", text_column="review").written()
        assert json.loads(written) == {
            "review": "a film",
            "label": "Positive",
            "level": 4,
            "polarity": 0.5,
            "probabilities": {
                "Negative": 0.0,
                "Somewhat Negative": 0.1,
                "Neutral": 0.2,
                "Somewhat Positive": 0.3,
                "Positive": 0.4,
            },
            "model": "sentiment",
            "version": 1,
        }

    def test_several_labels_are_a_list(self) -> None:
        row = json.loads(planned(b'"a"', "jsonl").written(labels=KINDS, answer=COMMENT))
        assert row["labels"] == ["Toxic", "Insult"]
        assert row["probabilities"] == {"Toxic": 0.9, "Insult": 0.6, "Threat": 0.1}
        assert "label" not in row

    def test_of_a_csv_the_fields_are_strings(self) -> None:
        row = json.loads(planned(b"id,text,version\n007,a,\n", "csv", "jsonl").written())
        assert (row["id"], row["text"], row["version"], row["answer_version"]) == ("007", "a", "", 1)


class TestAsATable:
    def test_the_columns_are_all_fields_that_any_line_has_the_text_first(self) -> None:
        body = b'{"id": 1, "text": "a"}\n"b"\nbroken\n{"text": "c", "date": "today"}\n'
        assert [list(row.values())[:3] for row in cells(planned(body, "jsonl", "csv").written())] == [
            ["a", "1", ""],
            ["b", "", ""],
            ["c", "", "today"],
        ]

    @pytest.mark.parametrize("form", ["csv", "tsv", "parquet"])
    def test_only_lines_that_are_read_give_columns(self, form: TableFormat) -> None:
        body = b'{"text": "a"}\n{"text": "b", "id": 1}\n{"text": "c", "late": 1}\n'
        assert planned(body, "jsonl", form, limit=2, chunk_rows=1).surveyed.columns == ("text", "id")

    def test_values_are_cells_as_they_are_spelled(self) -> None:
        (row,) = cells(planned(SPELLED.encode(), "jsonl", "csv").written())
        assert row == {
            "text": "a",
            "id": "12345678901234567890123",
            "far": "1e400",
            "price": "1.10",
            "tags": '["x",  null]',
            "none": "",
            **ADDED_CELLS,
        }

    def test_in_parquet_null_stays_null_and_all_else_is_text(self) -> None:
        body = SPELLED.encode() + b'\n{"text": "", "tags": ""}\n'
        first, second = pq.read_table(io.BytesIO(planned(body, "jsonl", "parquet").written())).to_pylist()
        assert (first["none"], first["tags"], first["price"], first["far"]) == (None, '["x",  null]', "1.10", "1e400")
        assert (second["text"], second["tags"], second["id"]) == ("", "", None)

    def test_a_name_of_ours_stays_the_line_s(self) -> None:
        (row,) = cells(planned(b'{"text": "a", "label": "gold", "model": 3}', "jsonl", "csv").written())
        assert (row["label"], row["answer_label"], row["model"], row["answer_model"]) == (
            *("gold", "Positive"),
            *("3", "sentiment"),
        )

    def test_more_fields_than_a_table_can_have_are_an_error_of_the_file(self) -> None:
        body = lines([{"text": "a", f"id {number}": number} for number in range(1024)])
        with pytest.raises(DataError, match="more than 1,024 different fields, too many for columns: write jsonl"):
            planned(body, "jsonl", "csv")
        assert len(planned(body, "jsonl", "csv", limit=1023).surveyed.columns) == 1024
        assert planned(body, "jsonl").surveyed.rows == 1024

    def test_a_file_without_lines_becomes_a_header(self) -> None:
        assert planned(b"", "jsonl", "csv").written().startswith(b"text,label,")
        assert planned(b"", "jsonl").written() == b""
