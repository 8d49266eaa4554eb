import gzip
from pathlib import Path

import pytest

from sentigrade.data.labelled_file import Columns, LabelledRows, examples_of, label_set_of, read_labelled_files
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS

CSV = 'review,grade\n"A fine, fine film",good\n"Two\nlines",bad\n'
TSV = 'review\tgrade\nA "fine" film\tgood\nA bore\tbad\n'
JSONL = '{"review": "A fine film", "grade": "good"}\n\n{"review": "A bore", "grade": 0}\n'


def read(path: Path, content: str | bytes) -> LabelledRows:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" and isinstance(content, str) else data)
    return read_labelled_files([path], Columns("review", "grade"))


def test_csv_tsv_and_json_lines_are_read(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", CSV) == (["A fine, fine film", "Two\nlines"], ["good", "bad"])
    assert read(tmp_path / "a.tsv", TSV) == (['A "fine" film', "A bore"], ["good", "bad"])
    assert read(tmp_path / "a.jsonl", JSONL) == (["A fine film", "A bore"], ["good", "0"])


def test_gzipped_files_are_read(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv.gz", CSV).labels == ["good", "bad"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "review,mark\nA film,good\n", "line 2: there is no column 'grade'; the columns are review, mark"),
        ("a.csv", "review,grade\nA film,\n", "line 2: column 'grade' is empty"),
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
        ("a.jsonl", '{"review": "A film", "grade": ["good", "long"]}\n', "line 1: column 'grade' holds several values"),
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
    assert read(tmp_path / "a.csv", "review,grade\nA film,good,,\n") == (["A film"], ["good"])


def test_an_augmented_manifest_calls_its_text_source(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"source": "A fine film", "label": 1, "label-metadata": {"type": "..."}}\n')
    assert read_labelled_files([tmp_path / "a.jsonl"], Columns()) == (["A fine film"], ["1"])


def test_several_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "b.tsv").write_text(TSV)
    rows = read_labelled_files([tmp_path / "b.tsv", tmp_path / "a.csv"], Columns("review", "grade"))
    assert rows.texts == ['A "fine" film', "A bore", "A fine, fine film", "Two\nlines"]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_labelled_files([tmp_path / "a.csv"], Columns("review", "grade"))


def test_labels_without_an_order_are_nominal() -> None:
    labels = label_set_of(LabelledRows(["a", "b"], ["Sci/Tech", "Business"]), ordered=[])
    assert labels.kind == "nominal"
    assert labels.ids == ("business", "sci_tech")


def test_labels_with_an_order_are_levels() -> None:
    rows = LabelledRows(["a", "b"], ["bad", "good"])
    labels = label_set_of(rows, ordered=["bad", "so-so", "good"])
    assert labels.kind == "ordinal"
    assert [label.polarity for label in labels.items] == [-1, 0, 1]
    assert examples_of(rows, labels, name="x").labels.tolist() == [0, 2]


@pytest.mark.parametrize("labels", [FIVE_LEVELS.names, FIVE_LEVELS.ids])
def test_labels_of_the_five_levels_are_these_levels(labels: tuple[str, ...]) -> None:
    assert label_set_of(LabelledRows(["x"] * 5, list(labels)), ordered=[]) is FIVE_LEVELS
    assert label_set_of(LabelledRows(["x"] * 4, list(labels[:4])), ordered=[]).kind == "nominal"


def test_ordered_labels_may_be_spelled_by_their_ids() -> None:
    rows = LabelledRows(["a", "b"], ["so_so", "good"])
    labels = label_set_of(rows, ordered=["bad", "so-so", "good"])
    assert labels.names == ("bad", "so-so", "good")
    assert examples_of(rows, labels, name="x").labels.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("labels", "ordered", "reason"),
    [
        (["bad", "bad"], [], "one label only"),
        (["bad", "good"], ["bad"], "'good' is in the file but not among the ordered ones"),
        (["a b", "a-b"], [], "cannot be used: two labels have the same id"),
        (["a", "b" * 101], [], "a label has 101 characters: 100 are the most"),
        (["a", "!"], [], "needs a letter or a digit"),
    ],
)
def test_labels_that_cannot_be_learned_are_an_error(labels: list[str], ordered: list[str], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        label_set_of(LabelledRows(["x"] * len(labels), labels), ordered=ordered)
