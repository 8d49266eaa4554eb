"""The command line, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SUBJECTS, WORDS_BY_LEVEL


def sentigrade(*arguments: str | Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sentigrade", *map(str, arguments)],
        input=stdin,
        env={"PATH": "/usr/bin:/bin", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


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
    result = sentigrade("serve", SENTIGRADE_STORE=str(model_folder.parents[1]))
    assert result.returncode == 1
    assert "not the file that the manifest describes" in result.stderr


def test_train_learns_from_a_labelled_file(tmp_path: Path) -> None:
    grades = ("awful", "poor", "so-so", "good", "great")
    rows = [
        f"The {subject} is {word},{grade}"
        for grade, words in zip(grades, WORDS_BY_LEVEL, strict=True)
        for word in words
        for subject in SUBJECTS
    ]
    (tmp_path / "reviews.csv").write_text("review,grade\n" + "\n".join(rows) + "\n")
    columns = ("--text-column", "review", "--label-column", "grade", "--ordered", ",".join(grades))
    result = sentigrade("train", tmp_path / "reviews.csv", "--store", tmp_path / "store", "--name", "grades", *columns)
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout)["reviews.csv, grouped cross-validation"]
    assert figures["accuracy"] > 0.9
    answer = sentigrade("predict", "--store", tmp_path / "store", "--model", "grades@1", "A superb plot").stdout
    assert json.loads(answer)["label"] == "great"


def test_train_says_what_is_wrong_with_its_data(tmp_path: Path) -> None:
    result = sentigrade("train", tmp_path, "--store", tmp_path / "store")
    assert result.returncode == 1
    assert "holds neither train.txt (Penn trees) nor train_phrases.tsv.gz" in result.stderr


def write_rows(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(("text,label", *rows)) + "\n")
    return path


def test_evaluate_writes_a_report(small_store: Path, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "asked.csv", "A superb cast,Positive", "A dull cast,1", "A plain cast,neutral")
    result = sentigrade("evaluate", "sentiment", file, "--store", small_store, "--output", tmp_path / "report")
    assert result.returncode == 0, result.stderr
    assert "100%" in result.stderr
    assert "macro avg" in result.stdout
    assert f"The report is in {tmp_path / 'report'}." in result.stdout
    assert json.loads((tmp_path / "report" / "metrics.json").read_bytes())["asked.csv"]["accuracy"] == 1


def test_evaluate_counts_and_warns_of_texts_that_were_learned_from(small_store: Path, tmp_path: Path) -> None:
    seen = "the plot isn't what I'd call not superb"
    file = write_rows(tmp_path / "asked.csv", "A dull cast,1", f"{seen},4")
    result = sentigrade("evaluate", "sentiment", file, "--store", small_store, "--output", tmp_path / "report")
    assert "warning: The model has learned from 1 of these 2 texts, which flatters it" in result.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "asked.csv holds no rows"),
        ("text,label\n", "asked.csv holds no rows"),
        ("text,label\nA gem,Positive\nA joy,4\n", "rows of one label only (Positive)"),
        ("text,label\nA gem,Positive\nA bore,boring\n", "the label 'boring' is not known; the labels are Negative,"),
        ("review,label\nA gem,Positive\n", "there is no column 'text'; the columns are review, label"),
    ],
)
def test_evaluate_says_what_is_wrong_with_a_file(content: str, reason: str, small_store: Path, tmp_path: Path) -> None:
    (tmp_path / "asked.csv").write_text(content)
    output = tmp_path / "report"
    result = sentigrade("evaluate", "sentiment", tmp_path / "asked.csv", "--store", small_store, "--output", output)
    assert result.returncode == 1
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1
    assert not output.exists()


def test_evaluate_without_matplotlib_says_how_to_install_it(small_store: Path, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ImportError")
    file = write_rows(tmp_path / "asked.csv", "A superb cast,Positive", "A dull cast,1")
    result = sentigrade("evaluate", "sentiment", file, "--store", small_store, PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert result.stderr == 'sentigrade: plots need matplotlib: run pip install "sentigrade[plots]"\n'


def test_compare_prints_a_table_and_writes_a_plot(small_store: Path, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "asked.csv", "A superb cast,Positive", "A dull cast,1", "A plain cast,neutral")
    models = ("sentiment", "sentiment@1")
    result = sentigrade("compare", file, *models, "--store", small_store, "--output", tmp_path / "report")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n| sentiment@1 |") == 2
    assert (tmp_path / "report" / "comparison.png").exists()


def test_protocols_say_when_the_treebank_is_not_there(tmp_path: Path) -> None:
    result = sentigrade("protocols", tmp_path)
    assert result.returncode == 1
    assert "holds neither train.txt (Penn trees) nor train_phrases.tsv.gz" in result.stderr
