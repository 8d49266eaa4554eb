from pathlib import Path

import pytest

from sentigrade.data.examples import Examples, repeat_key
from sentigrade.data.labelled_file import Columns, LabelledRows, read_labelled_files
from sentigrade.errors import DataError, SettingError
from sentigrade.evaluation.splitting import Split, split_file, split_positions
from sentigrade.labels import make_labels, make_multilabel
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL

SEVERAL = Columns(several=True)


def write(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    return path


def reviews(folder: Path) -> Path:
    """Ninety sentences of five labels, each three times, spelled in three ways, in a mixed order."""
    rows = [
        (spell(f"The {subject} is {word}."), str(level))
        for spell in (str, str.upper, lambda text: f"{text}..")
        for subject in SUBJECTS
        for level, words in enumerate(WORDS_BY_LEVEL)
        for word in words
    ]
    return write(folder / "reviews.csv", rows)


def parts_of(split: Split, columns: Columns = SEVERAL) -> tuple[LabelledRows, LabelledRows]:
    return read_labelled_files([split.train], columns), read_labelled_files([split.test], columns)


def test_no_repeat_of_a_text_stands_on_both_sides_and_no_row_is_lost(tmp_path: Path) -> None:
    file = reviews(tmp_path)
    split = split_file(file, Columns(), tmp_path / "out", share=0.2, seed=42)
    assert (split.train_rows, split.test_rows, split.repeats) == (216, 54, 180)
    train, test = parts_of(split, Columns())
    assert not set(map(repeat_key, train.texts)) & set(map(repeat_key, test.texts))
    rows = read_labelled_files([file], Columns())
    assert sorted(zip(train.texts + test.texts, train.labels + test.labels, strict=True)) == sorted(
        zip(*rows, strict=True)
    )


def test_labels_are_parted_evenly(tmp_path: Path) -> None:
    _, test = parts_of(split_file(reviews(tmp_path), Columns(), tmp_path, share=1 / 3, seed=1), Columns())
    assert [test.labels.count((str(level),)) for level in range(5)] == [18] * 5


def test_the_same_seed_gives_the_same_files_and_another_one_others(tmp_path: Path) -> None:
    file = reviews(tmp_path)
    splits = [
        split_file(file, Columns(), tmp_path / str(number), share=0.3, seed=seed)
        for number, seed in enumerate((7, 7, 8))
    ]
    one, again, other = (split.test.read_bytes() for split in splits)
    assert one == again != other
    assert [path.name for path in sorted((tmp_path / "0").iterdir())] == ["reviews.test.jsonl", "reviews.train.jsonl"]


def test_several_labels_are_lists_and_the_rarest_is_on_both_sides(tmp_path: Path) -> None:
    labels = ["toxic", "toxic|insult", "", "toxic|insult|threat"]
    rows = [
        (f"{label} {number}", label)
        for label, times in zip(labels, (40, 20, 40, 4), strict=True)
        for number in range(times)
    ]
    split = split_file(write(tmp_path / "a.csv", rows), Columns(separator="|"), tmp_path / "out", share=0.25, seed=3)
    train, test = parts_of(split)
    assert [part.labels.count(("toxic", "insult", "threat")) for part in (train, test)] == [3, 1]
    assert [part.labels.count(()) for part in (train, test)] == [30, 10]
    assert '"label":["toxic","insult"]}' in split.test.read_text()


def test_a_combination_that_occurs_once_goes_with_the_most() -> None:
    flags = [[1, 0, 0]] * 10 + [[0, 1, 0]] * 10 + [[0, 0, 1]] + [[0, 1, 1]] * 2 + [[0, 0, 0]]
    examples = Examples.of_whole_texts("x", list(map(str, range(len(flags)))), flags)
    train, test = split_positions(examples, make_multilabel(["a", "b", "c"]), share=0.5, seed=1)
    assert sorted([*train, *test]) == list(range(len(flags)))
    assert all(examples.pick(part).labels.any(axis=0).all() for part in (train, test))


@pytest.mark.parametrize(
    ("counts", "share", "reason"),
    [
        ((9, 1), 0.5, r"the label 'b' has too few different texts for two parts \(1\): add some"),
        ((1, 1), 0.5, "too few different texts for two parts"),
        ((40, 2), 0.1, "the label 'b' has 2 different texts, none of them in the test part: give another --seed"),
        ((4, 4), 0.1, "8 different texts are too few to part them so"),
    ],
)
def test_a_label_that_one_side_would_lack_is_named_with_its_count(
    counts: tuple[int, int], share: float, reason: str, tmp_path: Path
) -> None:
    rows = [(f"{label}{number}", label) for label, count in zip("ab", counts, strict=True) for number in range(count)]
    with pytest.raises(DataError, match=reason):
        split_file(write(tmp_path / "a.csv", rows), Columns(), tmp_path / "out", share=share, seed=1)
    assert not (tmp_path / "out").exists()


def test_a_label_of_one_text_that_is_repeated_is_still_of_one() -> None:
    examples = Examples.of_whole_texts("x", ["A", "B", "C", "c!", "C."], [0, 0, 1, 1, 1])
    with pytest.raises(DataError, match="the label 'bad' has too few different texts"):
        split_positions(examples, make_labels(["good", "bad"], ordered=False), share=0.5, seed=1)


@pytest.mark.parametrize("name", ["reviews.train.jsonl", "reviews.test.jsonl"])
def test_nothing_that_is_there_is_replaced(name: str, tmp_path: Path) -> None:
    file = reviews(tmp_path)
    (tmp_path / name).write_text("Mine.\n")
    with pytest.raises(SettingError, match=f"{name} is there already"):
        split_file(file, Columns(), tmp_path, share=0.2, seed=42)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["reviews.csv", name])


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    file = reviews(tmp_path)
    with pytest.raises(SettingError, match=r"reviews.csv/out cannot be written to \(Not a directory\)"):
        split_file(file, Columns(), file / "out", share=0.2, seed=42)
