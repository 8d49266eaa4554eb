"""Channels of a training job: folders of labelled files."""

from pathlib import Path

import pytest

from sentigrade.data.labelled_file import Columns
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS
from sentigrade.sagemaker.channels import labelled_files, read_held_out, read_training

TREE = "(3 (2 A) (4 gem))\n"


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_the_files_of_a_channel_are_one_whatever_their_format(tmp_path: Path) -> None:
    write(tmp_path / "train" / "b.jsonl", '{"source": "B", "label": "good"}\n')
    write(tmp_path / "train" / "a.csv", "text,label\nA,bad\n")
    write(tmp_path / "train" / "later" / "c.txt", "__label__bad C\n")
    source = read_training(tmp_path, Columns(), ["bad", "good"])
    assert source.examples.name == "train"
    assert source.examples.texts == ["A", "B", "C"]
    assert source.labels.kind == "ordinal"
    assert source.examples.labels.tolist() == [0, 1, 0]


def test_hidden_files_are_left_alone(tmp_path: Path) -> None:
    for name in (".DS_Store", ".cache/a.csv", "a.csv"):
        write(tmp_path / name, "")
    assert labelled_files(tmp_path) == [tmp_path / "a.csv"]


def test_the_treebank_is_read_as_such(tmp_path: Path) -> None:
    write(tmp_path / "train" / "train.txt", TREE)
    write(tmp_path / "train" / "dev.txt", TREE)
    source = read_training(tmp_path, Columns(), [])
    assert source.labels is FIVE_LEVELS
    assert [part.name for part in (source.examples, *source.held_out)] == ["sst5/train", "sst5/dev"]


def test_a_train_txt_of_blazingtext_is_no_treebank(tmp_path: Path) -> None:
    write(tmp_path / "train" / "train.txt", "__label__good A gem\n__label__bad A bore\n")
    assert read_training(tmp_path, Columns(), []).labels.names == ("bad", "good")


@pytest.mark.parametrize("make", [False, True])
def test_the_channel_train_is_required(make: bool, tmp_path: Path) -> None:
    if make:
        (tmp_path / "train").mkdir()
    with pytest.raises(DataError, match="train holds no files"):
        read_training(tmp_path, Columns(), [])


def test_the_other_channels_are_measured_if_they_are_there(tmp_path: Path) -> None:
    assert read_held_out(tmp_path, Columns(), FIVE_LEVELS) == []
    write(tmp_path / "test" / "a.csv", "text,label\nA gem,Positive\nA film,2\n")
    (part,) = read_held_out(tmp_path, Columns(), FIVE_LEVELS)
    assert (part.name, part.labels.tolist()) == ("test", [4, 2])


def test_a_label_that_was_not_trained_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "validation" / "a.csv", "text,label\nA gem,splendid\n")
    with pytest.raises(DataError, match="validation: the label 'splendid' is not known"):
        read_held_out(tmp_path, Columns(), FIVE_LEVELS)
