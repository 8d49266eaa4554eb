import gzip
from pathlib import Path

import pytest

from sentigrade.data.labelled_file import Columns, LabelledRows, read_labelled_files
from sentigrade.errors import DataError

CSV = 'review,grade\n"A fine, fine film",good\n"Two\nlines",bad\n'
TSV = 'review\tgrade\nA "fine" film\tgood\nA bore\tbad\n'
JSONL = '{"review": "A fine film", "grade": "good"}\n\n{"review": "A bore", "grade": 0}\n'
COLUMNS = Columns("review", "grade")
FLAGS = COLUMNS._replace(flags=("funny", "sad"))


def read(path: Path, content: str | bytes, columns: Columns = COLUMNS) -> LabelledRows:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" and isinstance(content, str) else data)
    return read_labelled_files([path], columns)


def test_csv_tsv_and_json_lines_are_read(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", CSV) == (["A fine, fine film", "Two\nlines"], [("good",), ("bad",)])
    assert read(tmp_path / "a.tsv", TSV) == (['A "fine" film', "A bore"], [("good",), ("bad",)])
    assert read(tmp_path / "a.jsonl", JSONL) == (["A fine film", "A bore"], [("good",), ("0",)])


def test_gzipped_files_are_read(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv.gz", CSV).labels == [("good",), ("bad",)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "review,mark\nA film,good\n", "line 2: there is no column 'grade'; the columns are review, mark"),
        ("a.csv", "review,grade\nA film,\n", "line 2: column 'grade' is empty"),
        ("a.csv", "review,grade\n,good\n", "line 2: column 'review' is empty"),
        ("a.csv", "review,grade\nA film\n", "line 2: column 'grade' is empty"),
        ("a.csv", "review,grade\n", "holds no rows"),
        ("a.csv", "", "holds no rows"),
        ("a.csv", b"review,grade\n\xff,good\n", "is not UTF-8 somewhere after row 0: save it as UTF-8"),
        ("a.csv", CSV.encode("utf-16"), "save it as UTF-8"),
        ("a.csv", "review,grade\nA fine, fine film,good\n", "row 1 cannot be read: it has more fields than the header"),
        ("a.tsv", "review\tgrade\nA fine\tfilm\tgood\n", "row 1 cannot be read: it has more fields than the header"),
        ("a.csv", 'review,grade\n"A film,good\n', "row 1 cannot be read"),
        ("a.jsonl", "nonsense\n", "row 1 cannot be read"),
        ("a.jsonl", "[1]\n", "row 1 cannot be read"),
        (
            "a.jsonl",
            '{"review": "A film", "grade": ["good", "long"]}\n',
            r"line 1: there are several labels .*--several",
        ),
        ("a.jsonl", '{"review": "A film", "grade": ["good"]}\n', r"line 1: there are several labels .*--several"),
        (
            "a.jsonl",
            '{"review": "A film", "grade": {"good": 1}}\n',
            "line 1: column 'grade' holds something that is no",
        ),
        ("a.jsonl", '{"review": ["A film"], "grade": "good"}\n', "line 1: column 'review' holds several values"),
        ("a.jsonl", '{"review": "A film", "grade": null}\n', "line 1: column 'grade' is empty"),
        ("a.tsv", "review\tgrade\nA film\n", "line 2: column 'grade' is empty"),
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:-9], "row 3 cannot be read"),
        ("a.xlsx", "x", "give a .csv, .tsv or .jsonl file"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where(
    name: str, content: str | bytes, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=reason):
        read(tmp_path / name, content)


@pytest.mark.parametrize(("name", "content"), [("a.csv", CSV), ("a.tsv", TSV), ("a.jsonl", JSONL)])
def test_a_byte_order_mark_is_no_part_of_the_data(name: str, content: str, tmp_path: Path) -> None:
    assert read(tmp_path / name, "\ufeff" + content) == read(tmp_path / name, content)


def test_empty_fields_beyond_the_header_say_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", "review,grade\nA film,good,,\n") == (["A film"], [("good",)])


def test_an_augmented_manifest_calls_its_text_source(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"source": "A fine film", "label": 1, "label-metadata": {"type": "..."}}\n')
    assert read_labelled_files([tmp_path / "a.jsonl"], Columns()) == (["A fine film"], [("1",)])


def test_a_text_may_be_empty_where_a_line_says_so(tmp_path: Path) -> None:
    assert read(tmp_path / "a.jsonl", '{"review": "", "grade": "good"}\n') == ([""], [("good",)])


def test_several_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "b.tsv").write_text(TSV)
    rows = read_labelled_files([tmp_path / "b.tsv", tmp_path / "a.csv"], Columns("review", "grade"))
    assert rows.texts == ['A "fine" film', "A bore", "A fine, fine film", "Two\nlines"]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_labelled_files([tmp_path / "a.csv"], Columns("review", "grade"))


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.csv", "review,grade\nA,funny| sad\nB,\nC,sad|sad|\n", COLUMNS._replace(separator="|")),
        ("a.csv", "review,funny,sad\nA,1,1\nB,0,0\nC,0,1\n", FLAGS),
        ("a.tsv", "review\tfunny\tsad\nA\ttrue\tTrue\nB\tfalse\t0\nC\t0\t1\n", FLAGS),
        (
            "a.jsonl",
            '{"review":"A","funny":1,"sad":true}\n{"review":"B","funny":0,"sad":false}\n'
            '{"review":"C","funny":0,"sad":1}\n',
            FLAGS,
        ),
        (
            "a.jsonl",
            '{"review":"A","grade":["funny","sad"]}\n{"review":"B","grade":[]}\n{"review":"C","grade":"sad"}\n',
            COLUMNS._replace(several=True),
        ),
        ("a.txt", "__label__funny A __label__sad\nB\n__label__sad C\n", COLUMNS._replace(several=True)),
    ],
)
def test_texts_with_any_number_of_labels_are_read_however_they_are_written(
    name: str, content: str, columns: Columns, tmp_path: Path
) -> None:
    rows = (["A", "B", "C"], [("funny", "sad"), (), ("sad",)])
    assert read(tmp_path / name, content, columns) == rows


def test_an_augmented_manifest_may_list_the_numbers_of_labels(tmp_path: Path) -> None:
    rows = '{"source": "A", "label": [1, 3]}\n{"source": "B", "label": 1}\n'
    assert read(tmp_path / "a.jsonl", rows, Columns(several=True)) == (["A", "B"], [("1", "3"), ("1",)])


@pytest.mark.parametrize(
    ("name", "content", "columns", "reason"),
    [
        ("a.csv", "review,funny,sad\nA,1,0\nB,0,2\n", FLAGS, "line 3: column 'sad' must hold 0 or 1"),
        ("a.csv", "review,funny,sad\nA,,0\n", FLAGS, "line 2: column 'funny' must hold 0 or 1"),
        ("a.csv", "review,funny\nA,1\n", FLAGS, "line 2: there is no column 'sad'; the columns are review, funny"),
        ("a.csv", "review,grade\nA\n", COLUMNS._replace(several=True), "line 2: column 'grade' is empty"),
        ("a.jsonl", '{"review": "A", "grade": ["sad", [1]]}\n', COLUMNS._replace(several=True), "something that is no"),
        ("a.jsonl", '{"review": "A", "grade": null}\n', COLUMNS._replace(several=True), "column 'grade' is empty"),
    ],
)
def test_labels_that_cannot_be_read_are_an_error_that_says_where(
    name: str, content: str, columns: Columns, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=reason):
        read(tmp_path / name, content, columns)
