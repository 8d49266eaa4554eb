import gzip
from pathlib import Path

import pytest

from sentigrade.data.fasttext_file import format_line, parse_line
from sentigrade.data.labelled_file import Columns, LabelledRow, labelled_rows
from sentigrade.errors import DataError

LINES = "__label__4  linux ready for prime time , intel says\r\n\nno label in front __label__bad\n__label__bad\n"
ROWS = [
    LabelledRow(1, "linux ready for prime time , intel says", ("4",)),
    LabelledRow(3, "no label in front", ("bad",)),
    LabelledRow(4, "", ("bad",)),
]


@pytest.mark.parametrize("name", ["reviews.txt", "reviews.train", "part-00000", "reviews.txt.gz"])
def test_lines_are_read_with_their_labels_anywhere(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(gzip.compress(LINES.encode()) if name.endswith(".gz") else LINES.encode())
    assert list(labelled_rows(file, Columns())) == ROWS


def test_a_byte_order_mark_hides_no_label(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeff__label__bad A film\n")
    assert list(labelled_rows(tmp_path / "a.txt", Columns())) == [LabelledRow(1, "A film", ("bad",))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A fine film", "line 2: no word begins with __label__"),
        ("__label__ A fine film", "line 2: there is a label without a name"),
        ("__label__good A __label__long film", r"line 2: there are several labels .*--several"),
    ],
)
def test_a_line_without_one_label_is_refused_with_its_number(line: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"__label__good A film\n{line}\n")
    with pytest.raises(DataError, match=rf"a.txt, {reason}"):
        list(labelled_rows(tmp_path / "a.txt", Columns()))


def test_a_label_that_is_said_twice_is_one() -> None:
    assert parse_line("__label__good A film __label__good") == ("A film", ("good",))


def test_what_is_written_is_read_again() -> None:
    line = format_line(["so_so", "long"], "a film , of sorts")
    assert line == "__label__so_so __label__long a film , of sorts\n"
    assert parse_line(line) == ("a film , of sorts", ("so_so", "long"))
    assert parse_line(format_line(["so_so"], "")) == ("", ("so_so",))
    assert parse_line(format_line([], "a film")) == ("a film", ())


@pytest.mark.parametrize(
    "text", ["say __label__good twice", "say\0__label__good twice", "say \u2028 __label__good\r twice"]
)
def test_a_word_of_the_text_is_never_taken_for_a_label(text: str) -> None:
    assert parse_line(format_line(["bad"], text)) == ("say label__good twice", ("bad",))


def test_fasttext_learns_the_labels_that_were_written(tmp_path: Path) -> None:
    fasttext = pytest.importorskip("fasttext")
    rows = [(["so_so", "long"], "say __label__good\0__label__bad twice"), (["short"], "a film"), ([], "a bore")]
    (tmp_path / "a.txt").write_text("".join(format_line(labels, text) for labels, text in rows))
    model = fasttext.train_supervised(
        str(tmp_path / "a.txt"), loss="ova", dim=2, epoch=1, minCount=1, thread=1, verbose=0
    )
    assert sorted(model.labels) == ["__label__long", "__label__short", "__label__so_so"]
    assert {"label__good", "label__bad", "twice", "film", "bore"} < set(model.words)
