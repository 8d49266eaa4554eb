"""Texts answered on the command line, and what `serve` refuses to start with."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import bad_model, sentigrade


def test_predict_answers_its_arguments_a_line_each(small_store: Path) -> None:
    result = sentigrade("predict", "--store", small_store, "--model", "sentiment", "A brilliant plot.", "A dull plot.")
    assert [json.loads(line)["level"] for line in result.stdout.splitlines()] == [4, 1]


def test_predict_answers_the_lines_of_standard_input(small_store: Path) -> None:
    result = sentigrade("predict", "--store", small_store, "--scores", stdin="A brilliant plot.\n\nA dreadful plot.\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == 3
    assert answers[0]["label"] == "Positive"
    assert "scores" in answers[0]


def test_predict_gives_a_bad_row_an_error_and_goes_on(small_store: Path) -> None:
    result = sentigrade("predict", "--store", small_store, stdin="x" * 100_001 + "\nA brilliant plot.\n")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["error"]["code"] == "text_too_long"
    assert second["label"] == "Positive"


def test_predict_takes_a_line_that_is_no_utf_8_for_a_bad_row(small_store: Path) -> None:
    command = [sys.executable, "-m", "sentigrade", "predict", "--store", str(small_store)]
    result = subprocess.run(command, input=b"caf\xe9\nA brilliant plot.\n", capture_output=True, check=True)
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["error"]["code"] == "not_unicode"
    assert second["label"] == "Positive"


@pytest.mark.parametrize(
    ("arguments", "environ", "reason"),
    [
        (("predict", "--store", "nowhere", "x"), {}, "store nowhere cannot be read"),
        (("predict", "--model", "Oracle", "--store", ".", "x"), {}, "'Oracle' is not a model"),
        (("serve",), {"SENTIGRADE_PORT": "none"}, "SENTIGRADE_PORT: Expected `int`"),
        (("serve",), {"SENTIGRADE_STORE": "nowhere"}, "store nowhere cannot be read"),
        (("serve",), {"SENTIGRADE_MODELS": "oracle", "SENTIGRADE_STORE": "."}, "no promoted version of oracle"),
        (("serve",), {"SENTIGRADE_MODELS": "sentiment,sentiment@1"}, "SENTIGRADE_MODELS names a model twice"),
    ],
)
def test_an_expected_error_is_one_line_and_a_failing_status(
    arguments: tuple[str, ...], environ: dict[str, str], reason: str
) -> None:
    result = sentigrade(*arguments, **environ)
    assert result.returncode == 1
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_damaged_model_is_not_served(model_folder: Path) -> None:
    (model_folder / "model.joblib").write_bytes(b"something else")
    (model_folder.parent / "promoted").write_text("1\n")
    said = bad_model("serve", SENTIGRADE_STORE=str(model_folder.parents[1]))
    assert "not the file that the manifest describes" in said
