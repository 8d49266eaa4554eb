"""Texts without labels, for a teacher."""

import gzip
from pathlib import Path

import msgspec
import pytest

from sentigrade.data.labelled_file import Columns, read_labelled_files
from sentigrade.data.unlabelled import each_once, part_aside, read_unlabelled, sentences_in, write_aside
from sentigrade.errors import DataError, SettingError

REVIEWS = [f"The plot of film {number} is thin." for number in range(200)]


def rows_of(path: Path, content: str) -> list[str]:
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return [row.text for row in read_unlabelled([path], "review")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'id,review\n1,"A gem, really."\n2,A bore.\n'),
        ("a.tsv.gz", "id\treview\n1\tA gem, really.\n2\tA bore.\n"),
        ("a.jsonl", '{"review": "A gem, really."}\n{"review": "A bore."}\n'),
        ("a.txt", "A gem, really.\n\n  A bore.  \n"),
        ("a.txt.gz", "__label__good A gem, really.\nA bore.\n"),
    ],
)
def test_texts_are_read_whatever_the_file_and_without_labels(name: str, content: str, tmp_path: Path) -> None:
    assert rows_of(tmp_path / name, content) == ["A gem, really.", "A bore."]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (
            "a.csv",
            "text,label\nA gem,good\n",
            "a.csv, line 2: there is no column 'review'; the columns are text, label",
        ),
        ("a.csv", "review\n", "holds no rows"),
        ("a.txt", "\n \n", "holds no rows"),
        ("a.xml", "A gem.", "a.xml: give a .csv, .tsv or .jsonl file, or a .txt file with a text a line"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(name: str, content: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=reason):
        rows_of(tmp_path / name, content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone.csv cannot be read: No such file"):
        read_unlabelled([tmp_path / "gone.csv"], "review")


def test_a_share_is_kept_aside_and_repeats_come_on_the_same_side(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join([*REVIEWS, *(review.upper() + "!" for review in REVIEWS)]))
    rows = read_unlabelled([tmp_path / "a.txt"], "review")
    used, aside = ([row.text for row in part] for part in part_aside(rows, share=0.25, seed=1))
    assert sorted(used + aside) == sorted(row.text for row in rows)
    assert 60 < len(aside) < 140
    assert {text.lower().strip("!") for text in used}.isdisjoint(text.lower().strip("!") for text in aside)
    assert part_aside(rows, share=0.25, seed=1) != part_aside(rows, share=0.25, seed=2)


def test_what_is_kept_aside_can_be_measured_on(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,label,id\n"Two\nlines",bad,1\nA gem,good,2\n')
    rows = read_unlabelled([tmp_path / "a.csv"], "text")
    write_aside(rows, tmp_path / "aside.jsonl")
    lines = (tmp_path / "aside.jsonl").read_bytes().splitlines()
    assert msgspec.json.decode(lines[0]) == {"text": "Two\nlines", "label": "bad", "id": "1"}
    kept = read_labelled_files([tmp_path / "aside.jsonl"], Columns())
    assert kept == (["Two\nlines", "A gem"], [("bad",), ("good",)])
    with pytest.raises(SettingError, match="cannot be written"):
        write_aside(rows, tmp_path / "gone" / "aside.jsonl")


def test_each_text_comes_once_and_none_that_is_known() -> None:
    texts = ["A gem.", "a GEM", "Dull.", "...", "", "A bore."]
    assert sorted(each_once(iter(texts), {"dull"}, seed=1)) == ["...", "A bore.", "A gem."]


def test_more_texts_are_drawn_after_those_that_were_drawn_of_fewer() -> None:
    drawn = each_once(iter(REVIEWS), set(), seed=1)
    assert drawn != REVIEWS
    assert [text for text in drawn if text in REVIEWS[:100]] == each_once(iter(REVIEWS[:100]), set(), seed=1)


def test_texts_are_parted_into_sentences() -> None:
    review = "It starts well.<br /><br />It ends in tears! Mr. Lee is fine."
    assert list(sentences_in([review, "Dull"])) == ["It starts well.", "It ends in tears!", "Mr. Lee is fine.", "Dull"]
