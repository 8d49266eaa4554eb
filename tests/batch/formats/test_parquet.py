import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.batch.formats import parquet
from sentigrade.batch.formats.named import format_of
from sentigrade.batch.job import TableFormat
from sentigrade.errors import DataError, SpoolError
from sentigrade.labels import FIVE_LEVELS
from tests.batch.formats.planned import ADDED, ADDED_CELLS, Planned, planned
from tests.batch.formats.toxicity import COMMENT, KINDS
from tests.wire.rows.answering import ANSWER

NANOSECONDS = 1_700_000_000_123_456_789

# Columns of every kind, each with a null.
TYPED: dict[str, pa.Array] = {
    "int": pa.array([2**63 - 1, None, -1], pa.int64()),
    "unsigned": pa.array([2**64 - 1, None, 0], pa.uint64()),
    "float": pa.array([1.5, None, 0.1], pa.float32()),
    "decimal": pa.array([Decimal("1.10"), None, Decimal("-0.05")], pa.decimal128(10, 2)),
    "nanoseconds": pa.array([NANOSECONDS, None, -1], pa.timestamp("ns")),
    "zoned": pa.array([NANOSECONDS // 1000, None, -1], pa.timestamp("us", "Europe/Berlin")),
    "date": pa.array([date(2024, 2, 29), None, date(1, 1, 1)], pa.date32()),
    "time": pa.array([12_345_678_901, None, 0], pa.time64("ns")),
    "bytes": pa.array([b"\xff\x00", None, b""], pa.binary()),
    "dictionary": pa.array(["x", None, "x"]).dictionary_encode(),
    "large": pa.array(["x", None, ""], pa.large_string()),
    "view": pa.array(["x", None, ""], pa.string_view()),
    "list": pa.array([[1, None], None, []], pa.list_(pa.int32())),
    "struct": pa.array([{"a": [NANOSECONDS]}, None, {"a": None}], pa.struct([("a", pa.list_(pa.timestamp("ns")))])),
    "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16, None, b"1" * 16], pa.binary(16))),
}


def file_of(table: pa.Table, *, group_rows: int = 1_000_000) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=group_rows)
    return file.getvalue()


def reviews(*texts: str | None, **columns: object) -> pa.Table:
    return pa.table({"id": list(range(len(texts))), "text": pa.array(texts, pa.string()), **columns})


def rows_of(written: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(written)).to_pylist()
    return rows


def cells_of(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode(), newline=""), strict=True))


def with_bad_bytes(*texts: bytes) -> pa.Array:
    """An array of strings that are no UTF-8, as some writers make them."""
    return pa.Array.from_buffers(pa.string(), len(texts), pa.array(texts, pa.binary()).buffers())


class TestReading:
    @given(st.lists(st.text(max_size=3) | st.none(), max_size=12), st.integers(1, 5), st.integers(1, 5))
    def test_chunk_by_chunk_the_rows_are_those_of_the_whole_file(
        self, texts: list[str | None], group_rows: int, chunk_rows: int
    ) -> None:
        body = file_of(reviews(*texts), group_rows=group_rows)
        cut = planned(body, "parquet", chunk_rows=chunk_rows)
        assert cut.contents() == ["<invalid>" if text is None else text for text in texts]
        assert all(0 < chunk.rows <= chunk_rows for chunk in cut.surveyed.chunks)
        assert [len(chunk.rows) for chunk in cut.chunks()] == [chunk.rows for chunk in cut.surveyed.chunks]
        assert cut.lines() == list(range(1, 1 + len(texts)))

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8])
    def test_of_a_limit_the_first_rows_are_read(self, limit: int) -> None:
        body = file_of(reviews(*"abcdefg"), group_rows=3)
        assert planned(body, "parquet", chunk_rows=2, limit=limit).contents() == list("abcdefg")[:limit]

    @pytest.mark.parametrize(
        "type_",
        [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
        ids=str,
    )
    def test_text_is_text_however_it_is_kept(self, type_: pa.DataType) -> None:
        table = pa.table({"text": pa.array(["a", None, "b"], pa.string()).cast(type_)})
        for output in ("parquet", "csv"):
            assert planned(file_of(table), "parquet", output).contents() == ["a", "<invalid>", "b"]

    @pytest.mark.parametrize("output", ["parquet", "csv"])
    def test_a_text_that_is_no_utf_8_is_told_so_and_its_neighbours_stand(self, output: TableFormat) -> None:
        body = file_of(pa.table({"text": with_bad_bytes(b"a", b"caf\xe9", b"b")}))
        assert planned(body, "parquet", output).contents() == ["a", "<not_unicode>", "b"]

    def test_another_column_that_is_no_utf_8_goes_aside_only_where_it_would_be_written_as_text(self) -> None:
        body = file_of(pa.table({"text": ["a", "b"], "name": with_bad_bytes(b"caf\xe9", b"b")}))
        assert planned(body, "parquet", "jsonl").contents() == ["<not_unicode>", "b"]
        assert planned(body, "parquet").contents() == ["a", "b"]

    @pytest.mark.parametrize(
        ("table", "reason"),
        [
            (pa.table({"review": ["a"]}), "no column 'text'; the columns are 'review'"),
            (pa.table({"text": [1]}), "the column 'text' holds int64, not text: name another with --text-column"),
            (pa.table({"text": [["a"]]}), "holds list<.*>, not text"),
            (pa.table([["a"], [1], [2]], ["text", "id", "id"]), "several columns 'id'"),
        ],
    )
    def test_a_file_without_a_column_of_texts_is_an_error(self, table: pa.Table, reason: str) -> None:
        with pytest.raises(DataError, match=reason):
            planned(file_of(table), "parquet")

    @pytest.mark.parametrize("body", [b"", b"text\na\n", b"PAR1PAR1", file_of(reviews("a"))[:-9], b"x" * 1000])
    def test_what_is_no_parquet_is_an_error(self, body: bytes) -> None:
        with pytest.raises(DataError, match="it cannot be read as Parquet"):
            planned(body, "parquet")

    def test_a_row_group_that_is_damaged_is_an_error_that_names_the_file(self) -> None:
        body = bytearray(file_of(reviews("a film", "a plot")))
        body[4:40] = bytes(36)
        with pytest.raises(DataError, match="a cannot be read as Parquet"):
            planned(bytes(body), "parquet").contents()


class TestAsParquet:
    def test_every_column_keeps_its_type_its_values_and_its_metadata(self) -> None:
        table = pa.table({"text": ["a", "b", "c"], **TYPED}).replace_schema_metadata({"written by": "us"})
        read = pq.read_table(io.BytesIO(file_of(table)))
        written = pq.read_table(io.BytesIO(planned(file_of(table), "parquet", chunk_rows=2).written()))
        assert written.select(table.column_names).equals(read, check_metadata=True)
        assert written.schema.metadata[b"written by"] == b"us"

    def test_the_columns_of_an_answer_have_types_too(self) -> None:
        schema = pq.read_schema(io.BytesIO(planned(file_of(reviews("a")), "parquet").written()))
        assert dict(zip(schema.names[2:], map(str, schema.types[2:]), strict=True)) == {
            **dict.fromkeys(ADDED, "double"),
            **{"label": "string", "level": "int16", "model": "string", "version": "int32"},
        }

    def test_bad_rows_are_taken_out_of_the_middle_of_any_columns(self) -> None:
        texts = pa.array(["a", None, "c"])
        written = planned(file_of(pa.table({"text": texts, **TYPED})), "parquet").written()
        kept = pq.read_table(io.BytesIO(written))
        read = pq.read_table(io.BytesIO(file_of(pa.table({"text": texts, **TYPED}))))
        assert kept.select(read.column_names).equals(pa.concat_tables([read.slice(0, 1), read.slice(2, 1)]))

    @given(st.lists(st.sampled_from(["a", "b", None]), max_size=12), st.integers(1, 5), st.integers(1, 5))
    def test_rows_keep_their_order_and_those_without_a_text_are_left_out(
        self, texts: list[str | None], group_rows: int, chunk_rows: int
    ) -> None:
        body = file_of(reviews(*texts), group_rows=group_rows)
        assert rows_of(planned(body, "parquet", chunk_rows=chunk_rows).written()) == [
            {"id": number, "text": text, **ADDED} for number, text in enumerate(texts) if text is not None
        ]

    def test_many_parts_become_few_row_groups(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parquet, "_GROUP_ROWS", 40)
        body = file_of(reviews(*["a"] * 100), group_rows=10)
        written = pq.ParquetFile(io.BytesIO(planned(body, "parquet", chunk_rows=7).written()))
        assert [written.metadata.row_group(group).num_rows for group in range(written.num_row_groups)] == [40, 40, 20]
        monkeypatch.setattr(parquet, "_GROUP_BYTES", 1)
        assert pq.ParquetFile(io.BytesIO(planned(body, "parquet").written())).num_row_groups == 10

    def test_dictionaries_may_differ_from_part_to_part(self) -> None:
        texts = [f"text {number}" for number in range(20)]
        body = file_of(pa.table({"text": pa.array(texts).dictionary_encode()}), group_rows=3)
        written = pq.read_table(io.BytesIO(planned(body, "parquet", chunk_rows=2).written()))
        assert written.column("text").to_pylist() == texts
        assert pa.types.is_dictionary(written.schema.field("text").type)

    def test_the_same_parts_make_the_same_bytes(self, tmp_path: Path) -> None:
        body = file_of(pa.table({"text": ["a", "b", "c"], **TYPED}), group_rows=2)
        assert planned(body, "parquet").written() == planned(body, "parquet").written(folder=str(tmp_path))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("table", [reviews(), reviews(None, None)], ids=["no rows", "none with a text"])
    def test_an_output_without_rows_has_its_columns(self, table: pa.Table) -> None:
        written = pq.read_table(io.BytesIO(planned(file_of(table), "parquet").written()))
        assert written.num_rows == 0
        assert written.column_names == ["id", "text", *ADDED]

    def test_a_column_that_has_a_name_of_ours_stays_and_ours_gives_way(self) -> None:
        (row,) = rows_of(planned(file_of(reviews("a", label=["gold"], version=["x"])), "parquet").written())
        assert (row["label"], row["version"]) == ("gold", "x")
        assert (row["answer_label"], row["answer_version"]) == ("Positive", 1)

    def test_several_labels_are_parted_by_bars(self) -> None:
        (row,) = rows_of(planned(file_of(reviews("a")), "parquet").written(labels=KINDS, answer=COMMENT))
        assert row == {
            **{"id": 0, "text": "a", "labels": "Toxic|Insult"},
            **{"probability_toxic": 0.9, "probability_insult": 0.6, "probability_threat": 0.1},
            **{"model": "toxicity", "version": 2},
        }

    def test_of_a_csv_all_columns_are_text_and_an_empty_cell_is_an_empty_text(self) -> None:
        assert rows_of(planned(b"id,text,note\n007,a,\n", "csv", "parquet", chunk_rows=1).written()) == [
            {"id": "007", "text": "a", "note": "", **ADDED}
        ]

    def test_of_nothing_at_all_an_empty_file_is_made(self) -> None:
        assert rows_of(planned(b"", "csv", "parquet").written()) == []

    def test_a_part_without_rows_is_no_row_group(self) -> None:
        cut: Planned = planned(file_of(reviews("a", None)), "parquet", chunk_rows=1)
        writer = format_of("parquet").writer(cut.surveyed, FIVE_LEVELS)
        first, second = cut.chunks()
        parts = [writer.encode(first.rows, [ANSWER], first), writer.encode([], [], second)]
        assembled = b"".join(writer.assemble(iter(parts), Path(gettempdir())))
        assert pq.ParquetFile(io.BytesIO(assembled)).metadata.row_group(0).num_rows == 1
        assert len(rows_of(assembled)) == 1

    def test_where_there_is_no_room_the_error_names_the_setting(self, tmp_path: Path) -> None:
        with pytest.raises(SpoolError, match=r"nowhere has no room .*No such file.*set SENTIGRADE_SPOOL"):
            planned(file_of(reviews("a")), "parquet").written(folder=str(tmp_path / "nowhere"))


class TestAsText:
    def test_every_value_is_a_cell_of_a_csv(self) -> None:
        table = pa.table({"text": ["a", "b", "c"], **TYPED})
        first, second, _ = cells_of(planned(file_of(table), "parquet", "csv").written())
        assert first == {
            "text": "a",
            "int": "9223372036854775807",
            "unsigned": "18446744073709551615",
            "float": "1.5",
            "decimal": "1.10",
            "nanoseconds": "2023-11-14 22:13:20.123456789",
            "zoned": "2023-11-14 23:13:20.123456+0100",
            "date": "2024-02-29",
            "time": "00:00:12.345678901",
            "bytes": "/wA=",
            "dictionary": "x",
            "large": "x",
            "view": "x",
            "list": "[1,null]",
            "struct": '{"a":["2023-11-14 22:13:20.123456789"]}',
            "map": '[["k",1]]',
            "uuid": "30303030-3030-3030-3030-303030303030",
            **ADDED_CELLS,
        }
        assert second == {"text": "b", **dict.fromkeys(TYPED, ""), **ADDED_CELLS}

    def test_json_keeps_what_it_has_types_for(self) -> None:
        table = pa.table({"text": ["a", "b", "c"], **TYPED})
        first, second, _ = map(json.loads, planned(file_of(table), "parquet", "jsonl").written().splitlines())
        assert (first["unsigned"], first["list"], first["decimal"]) == (2**64 - 1, [1, None], "1.10")
        assert first["struct"] == {"a": ["2023-11-14 22:13:20.123456789"]}
        assert all(second[name] is None for name in TYPED)

    @pytest.mark.parametrize(
        ("values", "spelled"),
        [
            (pa.array([float("-inf")]), "-inf"),
            (pa.array([2**62], pa.duration("ns")), "4611686018427387904"),
            (pa.array([[NANOSECONDS]], pa.large_list(pa.timestamp("ns"))), '["2023-11-14 22:13:20.123456789"]'),
            (pa.array([[NANOSECONDS]], pa.list_(pa.timestamp("ns"), 1)), '["2023-11-14 22:13:20.123456789"]'),
            (
                pa.array([[("k", NANOSECONDS)]], pa.map_(pa.string(), pa.timestamp("ns"))),
                '[["k","2023-11-14 22:13:20.123456789"]]',
            ),
            (pa.array([253_402_300_800], pa.timestamp("s")), "10000-01-01 00:00:00.000"),
            (pa.array([-1_000_000], pa.date32()), "-0768-02-04"),
        ],
        ids=["infinity", "duration", "large list", "fixed list", "map", "far future", "far past"],
    )
    def test_what_json_or_python_cannot_hold_is_spelled_out(self, values: pa.Array, spelled: str) -> None:
        (row,) = cells_of(planned(file_of(reviews("a", when=values)), "parquet", "csv").written())
        assert row["when"] == spelled
