"""Models measured on the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.running import sentigrade


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
    assert result.stderr == 'sentigrade: drawing plots needs the extra "plots": run pip install "sentigrade[plots]"\n'


def test_compare_prints_a_table_and_writes_a_plot(small_store: Path, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "asked.csv", "A superb cast,Positive", "A dull cast,1", "A plain cast,neutral")
    models = ("sentiment", "sentiment@1")
    result = sentigrade("compare", file, *models, "--store", small_store, "--output", tmp_path / "report")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n| sentiment@1 |") == 2
    assert (tmp_path / "report" / "comparison.png").exists()
