from pathlib import Path

import pytest

from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import read_files, read_to_measure
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, Label, LabelSet, make_multilabel

TWO_LABELS = LabelSet(kind="nominal", items=(Label(id="bad", name="Bad"), Label(id="good", name="Good")))
MOODS = make_multilabel(["Funny", "Sad"])


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
    with pytest.raises(DataError, match="five levels, the model 5 labels"):
        read_to_measure(tmp_path / "dev.txt", Columns(), make_multilabel(["a", "b", "c", "d", "e"]))


def test_names_are_given_to_what_files_call_a_label_and_ids_stay_what_it_is_called(tmp_path: Path) -> None:
    names = {"neg": "Negative", "pos": "Positive"}
    file = write(tmp_path / "a.csv", "text,label\nA gem,pos\nA bore,neg\n")
    source = read_files([file], Columns(), ["Negative", "Positive"], name="reviews", names=names)
    assert (source.labels.kind, source.labels.names, source.labels.ids) == (
        "ordinal",
        ("Negative", "Positive"),
        ("neg", "pos"),
    )
    assert source.examples.labels.tolist() == [1, 0]
    assert read_to_measure(file, Columns(), source.labels).labels.tolist() == [1, 0]


def test_a_model_with_several_labels_is_measured_on_rows_with_any_number(tmp_path: Path) -> None:
    rows = '{"text": "A", "label": ["funny", "Sad"]}\n{"text": "B", "label": []}\n{"text": "C", "label": "sad"}\n'
    examples = read_to_measure(write(tmp_path / "a.jsonl", rows), Columns(), MOODS)
    assert examples.labels.tolist() == [[1, 1], [0, 0], [0, 1]]


def test_a_model_with_one_label_a_text_is_measured_on_no_other_rows(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text,label\nA,good|bad\n")
    with pytest.raises(DataError, match=r"a.csv: each text needs one label of Bad, Good; a text has none or several"):
        read_to_measure(file, Columns(separator="|"), TWO_LABELS)


def test_a_label_of_the_model_that_no_flag_speaks_of_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text,funny\nA,1\n")
    with pytest.raises(DataError, match="no flag says whether the label 'Sad' of the model applies"):
        read_to_measure(file, Columns(flags=("funny",)), MOODS)
