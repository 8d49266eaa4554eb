"""What is written for others to learn from holds the same rows when it is read."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from sentigrade.data import augmented_manifest, fasttext_file
from sentigrade.data.labelled_file import Columns, LabelledRows, read_labelled_files
from sentigrade.labels import FASTTEXT_PREFIX

IDS = ("bad", "good", "so_so")
# Any word that a cleaned text may hold; a byte order mark in front of a file is no part of it.
words = st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), min_size=1).filter(
    lambda word: word.split() == [word] and not word.startswith(FASTTEXT_PREFIX)
)
texts = st.lists(words, max_size=5).map(" ".join)
several_labels = st.lists(st.sampled_from(IDS), unique=True).map(tuple)


def read(name: str, lines: str, columns: Columns) -> LabelledRows:
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(lines, encoding="utf-8", newline="")
        return read_labelled_files([path], columns)


@settings(max_examples=50)
@given(st.lists(st.tuples(texts, several_labels).filter(any), min_size=1))  # a line of neither says nothing
def test_lines_of_fasttext_hold_the_rows_they_were_made_of(rows: list[tuple[str, tuple[str, ...]]]) -> None:
    lines = "".join(fasttext_file.format_line(labels, text) for text, labels in rows)
    expected = [text for text, _ in rows], [labels for _, labels in rows]
    assert read("a.train", lines, Columns(several=True)) == expected


@settings(max_examples=50)
@given(st.lists(st.tuples(texts, st.sampled_from(IDS)), min_size=1))
def test_lines_with_one_label_are_read_without_more_being_said(rows: list[tuple[str, str]]) -> None:
    lines = "".join(fasttext_file.format_line([label], text) for text, label in rows)
    assert read("a.txt", lines, Columns()) == ([text for text, _ in rows], [(label,) for _, label in rows])


@settings(max_examples=50)
@given(st.lists(st.tuples(texts, several_labels), min_size=1))
def test_an_augmented_manifest_holds_the_rows_it_was_made_of(rows: list[tuple[str, tuple[str, ...]]]) -> None:
    numbers = [[IDS.index(label) for label in labels] for _, labels in rows]
    lines = "".join(
        augmented_manifest.format_line(of_row, text, several=True)
        for (text, _), of_row in zip(rows, numbers, strict=True)
    )
    read_again = read("a.jsonl", lines, Columns(several=True))
    assert read_again == ([text for text, _ in rows], [tuple(map(str, of_row)) for of_row in numbers])
