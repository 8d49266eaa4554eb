import gzip
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentigrade.batch.compression import compress
from sentigrade.batch.job import Chunk, Job, Place, Work
from sentigrade.batch.planning import make_plan, reading_of
from sentigrade.batch.sources import open_source
from sentigrade.errors import DataError, StoreError
from sentigrade.store.opening import open_store

WORK = Work(
    model="sentiment@1",
    source="reviews",
    text_column="text",
    chunk_rows=2,
    max_characters=1000,
    max_row_bytes=1000,
)
SEVEN = b"text\n" + b"".join(b"%d\n" % number for number in range(7))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def plan(folder: Path, **of_work: object) -> Job:
    return make_plan(msgspec.structs.replace(WORK, **of_work), open_source(str(folder)), folder.parent)


def test_every_file_is_cut_into_chunks_in_the_order_of_the_names(folder: Path) -> None:
    (folder / "b.csv").write_bytes(SEVEN)
    (folder / "a.txt").write_bytes(b"one\ntwo\nthree\n")
    job = plan(folder)
    assert [(each.name, each.size, each.rows) for each in job.inputs] == [("a.txt", 14, 3), ("b.csv", 19, 7)]
    assert job.inputs[0].chunks == (Chunk(0, 8, 2), Chunk(8, 14, 1))
    assert [chunk.rows for chunk in job.inputs[1].chunks] == [2, 2, 2, 1]
    assert job.rows == 10
    assert list(job.places()) == [Place(0, 0), Place(0, 1), *(Place(1, chunk) for chunk in range(4))]
    assert job.work == WORK


def test_a_plan_is_the_same_every_time_and_survives_being_written_down(folder: Path) -> None:
    (folder / "a.csv").write_bytes(SEVEN)
    pq.write_table(pa.table({"text": ["a", None], "when": pa.array([1, 2], pa.timestamp("ns"))}), folder / "b.parquet")
    assert plan(folder) == plan(folder)
    assert msgspec.json.decode(msgspec.json.encode(plan(folder)), type=Job) == plan(folder)


@pytest.mark.parametrize(("suffix", "kind"), [("", "none"), (".gz", "gzip"), (".zst", "zstd")])
def test_chunks_are_parts_of_the_decompressed_bytes(suffix: str, kind: str, folder: Path) -> None:
    (folder / f"a.csv{suffix}").write_bytes(compress(SEVEN[:10], kind) + compress(SEVEN[10:], kind))  # type: ignore[arg-type]  # one of them
    (each,) = plan(folder).inputs
    assert [SEVEN[chunk.start : chunk.end] for chunk in each.chunks] == [b"0\n1\n", b"2\n3\n", b"4\n5\n", b"6\n"]
    assert each.columns == ("text",)
    assert each.first_line == 2


@pytest.mark.parametrize(
    ("limit", "rows"),
    [
        (1, {"a.csv": 1}),
        (3, {"a.csv": 3}),
        (7, {"a.csv": 7}),
        (9, {"a.csv": 7, "b.csv": 2}),
        (21, {"a.csv": 7, "b.csv": 7, "c.csv": 7}),
        (None, None),
    ],
)
def test_a_limit_is_one_for_all_files_and_those_beyond_are_not_looked_at(
    limit: int | None, rows: dict[str, int] | None, folder: Path
) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / name).write_bytes(SEVEN)
    (folder / "d.csv").write_bytes(b"no text here\n" if limit else SEVEN)
    expected = rows or dict.fromkeys(("a.csv", "b.csv", "c.csv", "d.csv"), 7)
    assert {each.name: each.rows for each in plan(folder, limit=limit).inputs} == expected


def test_files_without_rows_belong_to_the_job_too(folder: Path) -> None:
    (folder / "a.csv").write_bytes(b"")
    (folder / "b.csv").write_bytes(b"text,id\n")
    (folder / "c.jsonl.gz").write_bytes(b"")
    (folder / "d.jsonl.gz").write_bytes(gzip.compress(b""))
    job = plan(folder)
    assert [(each.rows, each.chunks) for each in job.inputs] == [(0, ())] * 4
    assert job.inputs[1].columns == ("text", "id")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bad.csv", b"id,review\n1,a\n", "no column 'text'; the columns are 'id', 'review'"),
        ("bad.jsonl", '{"text": "a"}'.encode("utf-16"), "UTF-16; save it as UTF-8"),
        ("bad.csv.gz", b"text\na\n", "cannot be decompressed as gzip: Not a gzipped file"),
        ("bad.csv.gz", gzip.compress(SEVEN, mtime=0)[:-4], "cannot be decompressed as gzip: .*ended before"),
        ("bad.txt.zst", compress(SEVEN, "zstd")[:-4], "cannot be decompressed as zstd: Truncated"),
        ("bad.parquet", b"text\na\n", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_cannot_be_planned_is_named(name: str, content: bytes, reason: str, folder: Path) -> None:
    (folder / "a.csv").write_bytes(SEVEN)
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=f"^{name}: .*{reason}"):
        plan(folder)


@pytest.mark.parametrize(
    ("names", "asked", "output"),
    [
        (("a.csv", "a.jsonl"), {"format": "jsonl"}, "a.jsonl"),
        (("a.csv", "a.csv.gz"), {"compression": "gzip"}, "a.csv.gz"),
        (("a.csv", "a.csv.zst"), {"format": "parquet"}, "a.parquet"),
        (("a.jsonl", "a.txt"), {}, "a.jsonl"),
    ],
)
def test_two_files_that_would_become_one_are_refused(
    names: tuple[str, str], asked: dict[str, str], output: str, folder: Path
) -> None:
    for name in names:
        (folder / name).write_bytes(b"")
    with pytest.raises(DataError, match=f"{names[0]} and {names[1]} would both become {output}: rename one"):
        plan(folder, **asked)


def test_files_of_one_name_in_different_folders_stay_apart(folder: Path) -> None:
    for name in ("x", "y"):
        (folder / name).mkdir()
        (folder / name / "a.csv").write_bytes(SEVEN)
    assert [each.name for each in plan(folder, format="jsonl").inputs] == ["x/a.csv", "y/a.csv"]


def test_a_file_that_changes_after_it_was_found_is_an_error(folder: Path) -> None:
    (folder / "a.csv").write_bytes(SEVEN)
    source = open_source(str(folder))
    (folder / "a.csv").write_bytes(SEVEN + b"7\n")
    with pytest.raises(StoreError, match=r"a\.csv has changed since it was found"):
        make_plan(WORK, source, folder)


def test_in_s3_the_plan_is_that_of_the_same_files_in_a_folder(s3_address: str, folder: Path) -> None:
    (folder / "a.csv.gz").write_bytes(gzip.compress(SEVEN))
    pq.write_table(pa.table({"text": ["a", "b", "c"]}), folder / "b.parquet", row_group_size=2)
    objects = open_store(s3_address)
    for path in folder.iterdir():
        objects.upload(path.name, path, lambda _: None)
    here, there = plan(folder), make_plan(WORK, open_source(s3_address), folder)
    assert [msgspec.structs.replace(each, tag="") for each in here.inputs] == [
        msgspec.structs.replace(each, tag="") for each in there.inputs
    ]


def test_a_file_is_read_as_its_output_needs_it() -> None:
    assert reading_of(WORK, "a.txt.gz").output == "jsonl"
    reading = reading_of(msgspec.structs.replace(WORK, format="csv"), "a.parquet", 3)
    assert (reading.output, reading.text_column, reading.chunk_rows, reading.limit) == ("csv", "text", 2, 3)
