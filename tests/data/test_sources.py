from pathlib import Path

import pytest

from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import read_to_measure
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, Label, LabelSet

TWO_LABELS = LabelSet(kind="nominal", items=(Label(id="bad", name="Bad"), Label(id="good", name="Good")))


def write(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


def test_a_labelled_file_may_spell_labels_as_names_ids_or_levels(tmp_path: Path) -> None:
    rows = "text,label\nA gem,Positive\nA bore,somewhat_negative\nA film,2\n"
    examples = read_to_measure(write(tmp_path / "a.csv", rows), Columns(), FIVE_LEVELS)
    assert examples.labels.tolist() == [4, 1, 2]
    assert examples.name == "a.csv"


def test_levels_are_no_spelling_of_labels_without_order(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a.csv: the label '1' is not known; the labels are Bad, Good"):
        read_to_measure(write(tmp_path / "a.csv", "text,label\nA gem,1\n"), Columns(), TWO_LABELS)


def test_grades_that_are_named_by_numbers_keep_their_names(tmp_path: Path) -> None:
    names = ("1", "2", "3")
    stars = LabelSet(kind="ordinal", items=tuple(Label(id=n, name=n, polarity=int(n) / 3) for n in names))
    examples = read_to_measure(write(tmp_path / "a.csv", "text,label\nA gem,2\nA bore,1\n"), Columns(), stars)
    assert examples.labels.tolist() == [1, 0]


def test_a_part_of_the_treebank_is_read_as_such(tmp_path: Path) -> None:
    for part in ("train", "dev"):
        write(tmp_path / f"{part}.txt", "(3 (2 I) (3 (2 've) (3 smiled)))\n")
    examples = read_to_measure(tmp_path / "dev.txt", Columns(), FIVE_LEVELS)
    assert (examples.name, examples.texts, examples.labels.tolist()) == ("sst5/dev", ["I've smiled"], [3])
    with pytest.raises(DataError, match="five levels, the model 2 labels"):
        read_to_measure(tmp_path / "dev.txt", Columns(), TWO_LABELS)
