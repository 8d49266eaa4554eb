"""A small model made with the help of a larger one, on the command line."""

import gzip
import json
import os
from pathlib import Path

import pytest

from tests.cli.running import as_json, failure, refusal, sentigrade
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL

GRADES = ("negative", "somewhat_negative", "neutral", "somewhat_positive", "positive")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with labelled sentences, reviews without labels and a recipe."""
    folder = tmp_path_factory.mktemp("distilling")
    rows = [
        f"The {subject} is {word},{grade}"
        for grade, words in zip(GRADES, WORDS_BY_LEVEL, strict=True)
        for word in words
        for subject in SUBJECTS
    ]
    (folder / "labelled.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    reviews = [
        f"{number},The {subject} {number} was superb. A zesty one." for number in range(5) for subject in SUBJECTS
    ]
    (folder / "reviews.csv").write_text("id,review\n" + "\n".join(reviews) + "\n")
    (folder / "student.toml").write_text(
        """
        name = "student"
        data.train = "labelled.csv"
        [distill]
        unlabelled = ["reviews.csv"]
        text = "review"
        kept_aside = 0.2
        """
    )
    return folder


def test_a_recipe_is_distilled(folder: Path, small_store: Path, tmp_path: Path) -> None:
    command = ("distill", folder / "student.toml", "--store", tmp_path / "store", "--teacher", "sentiment")
    files = ("--labelled", tmp_path / "labelled.jsonl.gz", "--keep-aside", tmp_path / "aside.jsonl")
    made = sentigrade(*command, "--teacher-store", small_store, *files)
    assert made.returncode == 0, made.stderr
    assert "labelled.csv, grouped cross-validation" in json.loads(made.stdout)
    manifest = as_json("show", "student@1", "--store", tmp_path / "store")["manifest"]
    assert manifest["training"]["parent"].startswith("sentiment@1#sha256:")
    assert [rows["name"] for rows in manifest["training"]["data"]] == ["labelled.csv", "reviews.csv"]
    aside = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_text().splitlines()]
    assert 0 < len(aside) < 15
    assert set(aside[0]) == {"id", "review"}
    said = gzip.decompress((tmp_path / "labelled.jsonl.gz").read_bytes()).decode()
    assert not any(row["review"].partition(".")[0] in said for row in aside)


def test_data_alone_needs_options_in_place_of_a_recipe(folder: Path, small_store: Path, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("\n".join(f"The {subject} was superb." for subject in SUBJECTS))
    command = (
        "distill",
        folder / "labelled.csv",
        "--store",
        tmp_path / "store",
        "--teacher",
        small_store / "sentiment/1",
    )
    assert "give --unlabelled, a file with texts" in refusal(*command)
    made = sentigrade(*command, "--unlabelled", tmp_path / "more.txt", "--name", "small")
    assert made.returncode == 0, made.stderr
    data = as_json("show", "small@1", "--store", tmp_path / "store")["manifest"]["training"]["data"]
    assert [(rows["name"], rows["rows"]) for rows in data] == [("labelled.csv", 90), ("more.txt", 6)]


def test_a_recipe_leaves_only_the_teacher_to_the_options(folder: Path, small_store: Path, tmp_path: Path) -> None:
    command = ("distill", folder / "student.toml", "--store", tmp_path)
    assert "give --teacher, the model that labels the texts, or teacher in the recipe" in refusal(*command)
    reason = refusal(*command, "--teacher", "sentiment", "--teacher-store", small_store, "--name", "x")
    assert "--name goes with data alone: write it into the recipe" in reason


def test_a_teacher_that_cannot_be_had_is_an_error_first(folder: Path, small_store: Path, tmp_path: Path) -> None:
    command = ("distill", folder / "student.toml", "--store", tmp_path / "store", "--teacher")
    assert "has no promoted version of teacher" in refusal(*command, "teacher", "--teacher-store", small_store)
    away = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    assert failure(os.EX_TEMPFAIL, *command, "s3://bucket/store/teacher@1", **away)
    assert not (tmp_path / "store").exists()


def test_there_is_nothing_to_keep_aside_without_a_share(folder: Path, tmp_path: Path) -> None:
    command = ("distill", folder / "labelled.csv", "--unlabelled", folder / "reviews.csv", "--teacher", "x")
    reason = refusal(*command, "--store", tmp_path / "store", "--keep-aside", tmp_path / "aside.jsonl")
    assert "--keep-aside has nothing to write: give a share, kept_aside" in reason


def test_a_file_without_the_column_is_named(folder: Path, small_store: Path, tmp_path: Path) -> None:
    command = ("distill", folder / "labelled.csv", "--unlabelled", folder / "reviews.csv", "--teacher", "sentiment")
    reason = refusal(*command, "--teacher-store", small_store, "--store", tmp_path / "store")
    assert "reviews.csv, line 2: there is no column 'text'; the columns are id, review" in reason


def test_train_does_not_take_a_recipe_that_distils_for_another(folder: Path, tmp_path: Path) -> None:
    assert "`sentigrade distill` follows recipes with that table" in refusal(
        "train", folder / "student.toml", "--store", tmp_path / "store"
    )
