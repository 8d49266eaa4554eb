"""Models made on the command line: trained, and published in a store."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.running import as_json, refusal, sentigrade
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL

GRADES = ("awful", "poor", "so-so", "good", "great")


class Trained(NamedTuple):
    """A store that two versions of a model were trained into, and what was said of each."""

    store: Path
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A labelled file with ninety reviews of five grades."""
    rows = [
        f"The {subject} is {word},{grade}"
        for grade, words in zip(GRADES, WORDS_BY_LEVEL, strict=True)
        for word in words
        for subject in SUBJECTS
    ]
    file = tmp_path_factory.mktemp("labelled") / "reviews.csv"
    file.write_text("review,grade\n" + "\n".join(rows) + "\n")
    return file


@pytest.fixture(scope="module")
def trained(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    store = tmp_path_factory.mktemp("trained") / "store"
    columns = ("--text-column", "review", "--label-column", "grade", "--ordered", ", ".join(GRADES))
    command = ("train", reviews, "--store", store, "--name", "grades", "--license", "self-written", *columns)
    return Trained(store, sentigrade(*command), sentigrade(*command))


def test_train_learns_from_a_labelled_file(trained: Trained) -> None:
    assert trained.first.returncode == 0, trained.first.stderr
    figures = json.loads(trained.first.stdout)["reviews.csv, grouped cross-validation"]
    assert figures["accuracy"] > 0.9
    answer = sentigrade("predict", "--store", trained.store, "--model", "grades@1", "A superb plot").stdout
    assert json.loads(answer)["label"] == "great"


def test_the_first_training_is_promoted_and_a_later_one_waits_to_be(trained: Trained) -> None:
    versions = as_json("list", "grades", "--store", trained.store)
    assert [(version["version"], version["promoted"]) for version in versions] == [(1, True), (2, False)]
    first, second = (f"grades@{version['version']}#sha256:{version['digest']}" for version in versions)
    assert trained.first.stderr.endswith(f"\nPublished {first} in {trained.store}; promoted.\n")
    hint = "`sentigrade promote grades@2` makes it the one that is served"
    assert trained.second.returncode == 0
    assert trained.second.stderr.endswith(f"\nPublished {second} in {trained.store}; {hint}.\n")
    answer = sentigrade("predict", "--store", trained.store, "--model", "grades", "A superb plot").stdout
    assert json.loads(answer)["version"] == 1


def test_the_manifest_says_what_was_learned_from(trained: Trained) -> None:
    manifest = as_json("show", "grades@2", "--store", trained.store)["manifest"]
    assert manifest["license"] == "self-written"
    assert manifest["training"]["data"][0]["name"] == "reviews.csv"
    assert manifest["training"]["data"][0]["rows"] == 90
    assert [label["name"] for label in manifest["labels"]["items"]] == list(GRADES)


def test_train_says_what_is_wrong_with_its_data(tmp_path: Path) -> None:
    reason = refusal("train", tmp_path, "--store", tmp_path / "store")
    assert "holds neither train.txt (Penn trees) nor train_phrases.tsv.gz" in reason
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--store", "gs://bucket", "'gs://bucket' is no store"),
        ("--name", "My Grades", "'My Grades' is not a name for a model"),
    ],
)
def test_train_says_what_is_wrong_with_where_the_model_is_to_go(
    option: str, value: str, reason: str, reviews: Path, tmp_path: Path
) -> None:
    columns = ("--text-column", "review", "--label-column", "grade")
    assert reason in refusal("train", reviews, "--store", tmp_path, *columns, option, value)


def test_a_recipe_says_what_the_options_would(reviews: Path, trained: Trained, tmp_path: Path) -> None:
    recipe = tmp_path / "grades.toml"
    recipe.write_text(
        f"""
        name = "grades"
        license = "self-written"
        [data]
        train = "{reviews.name}"
        text = "review"
        label = "grade"
        ordered = {list(GRADES)}
        """
    )
    made = sentigrade("train", recipe, "--data", reviews.parent, "--store", tmp_path / "store")
    assert made.returncode == 0, made.stderr
    manifests = [
        as_json("show", "grades@1", "--store", store)["manifest"] for store in (trained.store, tmp_path / "store")
    ]
    assert manifests[0]["files"] == manifests[1]["files"]
    assert manifests[0]["training"] == manifests[1]["training"]


def test_a_recipe_leaves_nothing_to_the_options(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('name = "x"\ndata.train = "x.csv"\n')
    command = ("train", tmp_path / "x.toml", "--store", tmp_path / "store")
    assert "--label-column goes with data alone: write it into the recipe" in refusal(*command, "--label-column", "y")
    assert "--license goes with data alone" in refusal(*command, "--license", "mine")


def test_a_family_that_there_is_not_is_an_error(reviews: Path, tmp_path: Path) -> None:
    columns = ("--text-column", "review", "--label-column", "grade")
    reason = refusal("train", reviews, "--store", tmp_path / "store", "--family", "forest", *columns)
    assert "family forest cannot be trained: choose one of linear, fasttext, embedding" in reason
    assert not (tmp_path / "store").exists()


def without_room(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command that can write no file of more than 2,000 bytes, as on a disk with hardly any room."""
    command = ["prlimit", "--fsize=2000", sys.executable, "-m", "sentigrade", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_training_that_finds_no_room_leaves_the_version_that_was(reviews: Path, trained: Trained) -> None:
    before = as_json("list", "--store", trained.store)
    columns = ("--text-column", "review", "--label-column", "grade")
    result = without_room("train", reviews, "--store", trained.store, "--name", "grades", *columns)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].endswith("cannot be written to (File too large)")
    assert as_json("list", "--store", trained.store) == before
    assert as_json("verify", "grades", "--store", trained.store)


def test_a_model_that_finds_no_room_in_the_store_leaves_the_version_that_was(trained: Trained) -> None:
    before = as_json("list", "--store", trained.store)
    result = without_room("publish", trained.store / "grades" / "1", "--store", trained.store)
    assert result.returncode == 1
    assert "File too large" in result.stderr
    assert "Traceback" not in result.stderr
    assert as_json("list", "--store", trained.store) == before
    assert as_json("verify", "grades", "--store", trained.store)


def test_protocols_say_when_the_treebank_is_not_there(tmp_path: Path) -> None:
    assert "holds neither train.txt (Penn trees) nor train_phrases.tsv.gz" in refusal("protocols", tmp_path)
