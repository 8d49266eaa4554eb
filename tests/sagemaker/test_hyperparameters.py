"""hyperparameters.json, all of whose values are strings."""

import json
from pathlib import Path

import pytest

from sentigrade.data.labelled_file import Columns
from sentigrade.errors import SettingError
from sentigrade.sagemaker.hyperparameters import Hyperparameters, read_hyperparameters


def read(folder: Path, given: object) -> Hyperparameters:
    path = folder / "hyperparameters.json"
    path.write_text(given if isinstance(given, str) else json.dumps(given))
    return read_hyperparameters(path)


def test_strings_are_read_as_what_they_mean(tmp_path: Path) -> None:
    read_ = read(tmp_path, {"name": "grades", "seed": "7", "ordered": "bad, so-so, good"})
    assert (read_.name, read_.seed, read_.order) == ("grades", 7, ["bad", "so-so", "good"])
    assert (read_.text_column, read_.label_column, read_.license) == ("text", "label", "unknown")


def test_without_a_file_they_are_the_defaults(tmp_path: Path) -> None:
    assert read_hyperparameters(tmp_path / "missing.json") == Hyperparameters()
    assert Hyperparameters().order == []


def test_they_say_how_files_with_any_number_of_labels_are_read(tmp_path: Path) -> None:
    given = {"text_column": "comment", "flags": "rude, threat", "several": "true"}
    assert read(tmp_path, given).columns == Columns("comment", "label", "", ("rude", "threat"), True)


def test_those_of_sagemaker_itself_are_ignored(tmp_path: Path) -> None:
    foreign = {"sagemaker_program": "train.py", "_tuning_objective_metric": "validation:accuracy"}
    assert read(tmp_path, {**foreign, "seed": "7"}) == Hyperparameters(seed=7)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"epochs": "5"},
            "epochs is not a hyperparameter; known are name, text_column, label_column, separator",
        ),
        ({"seed": "many"}, "the hyperparameter seed: Expected `int`"),
        ({"seed": "-1"}, "the hyperparameter seed: Expected `int` >= 0"),
        ({"seed": "4294967296"}, "the hyperparameter seed: Expected `int` <= 4294967295"),
        ({"name": ""}, "the hyperparameter name: Expected `str` of length >= 1"),
        ("[]", "hyperparameters.json: Expected `object`"),
        ("{", "hyperparameters.json: Input data was truncated"),
    ],
)
def test_what_cannot_be_used_is_an_error(given: object, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=reason):
        read(tmp_path, given)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        read_hyperparameters(tmp_path)
