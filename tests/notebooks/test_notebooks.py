"""The notebooks as they are committed, and run again on a treebank, reviews and comments written for the tests."""

import ast
import csv
import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from sentigrade.training.recipe_file import read_recipe
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL
from tests.tiny_encoder import tiny_encoder

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
IDS = [path.stem for path in NOTEBOOKS]
WITH_TORCH = [FOLDER / "03-transformer.ipynb", FOLDER / "04-evaluate.ipynb"]
COMMENTS = {
    "toxic": "what a silly thing to do",
    "severe_toxic": "you silly, silly fool, go away for ever",
    "obscene": "oh, blast and botheration",
    "threat": "I will hide your slippers",
    "insult": "you goose",
    "identity_hate": "geese like you are all the same",
}


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # carries no types
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tree(notebook: NotebookNode) -> ast.Module:
    lines = "\n".join(cell.source for cell in code_cells(notebook)).splitlines()
    return ast.parse("\n".join(line for line in lines if not line.startswith("%")))


@pytest.fixture(scope="module")
def treebank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Penn trees of sentences about people, films and what happened to them, written for this test.

    Beside them are reviews, vectors of their words, which are drawn, and comments.
    """
    folder = tmp_path_factory.mktemp("data") / "treebank"
    folder.mkdir()
    trees = [
        f"({level} (2 Emma Thompson) (2 saw) (2 the) ({level} ({level} {word}) (2 {subject} {number})))"
        for number in range(12)
        for level, words in enumerate(WORDS_BY_LEVEL)
        for word in words
        for subject in SUBJECTS
    ]
    for part in ("train", "dev"):
        (folder / f"{part}.txt").write_text("\n".join(trees) + "\n")
    for side, grades in (("neg", {1: 0, 4: 1}), ("pos", {7: 3, 10: 4})):
        reviews = folder.parent / "imdb" / "train" / side
        reviews.mkdir(parents=True)
        for number, (stars, level) in enumerate(list(grades.items()) * 20):
            sentences = [f"The {subject} is {word}." for word in WORDS_BY_LEVEL[level] for subject in SUBJECTS]
            (reviews / f"{number}_{stars}.txt").write_text(" ".join(sentences[: 5 + number % 14]))
    write_vectors(folder.parent)
    write_comments(folder.parent / "jigsaw")
    return folder


def write_vectors(folder: Path) -> None:
    words = [*SUBJECTS, *(word for words in WORDS_BY_LEVEL for word in words)]
    vectors = np.random.default_rng(0).normal(size=(len(words), 50)).astype(np.float32)
    np.save(folder / "glove.6B.50d.npy", vectors)
    (folder / "glove.6B.50d.words.txt").write_text("\n".join(words) + "\n")


def write_comments(folder: Path) -> None:
    """Write comments of each kind, half of them toxic besides, and as many that are of none."""
    data = read_recipe(FOLDER.parent / "recipes" / "toxicity.toml").data
    folder.mkdir()
    with gzip.open(folder / "train.csv.gz", "wt", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([data.text, *data.flags])
        for number in range(30):
            for kind, text in COMMENTS.items():
                applying = {kind, "toxic"} if number % 2 else {kind}
                rows.writerow([f"Edit {number}: {text}.", *(int(flag in applying) for flag in data.flags)])
                rows.writerow([f"Edit {number} of {kind[:3]}: thanks for the link.", *(0 for _ in data.flags)])


def test_there_are_seven_notebooks() -> None:
    assert IDS == [
        "00-explore",
        "01-train-linear",
        "02-word-vectors",
        "03-transformer",
        "04-evaluate",
        "05-toxicity",
        "06-long-texts",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_says_what_the_script_beside_it_says(path: Path, tmp_path: Path) -> None:
    shutil.copy(FOLDER.parent / "pyproject.toml", tmp_path)  # how scripts are written
    copy = Path(shutil.copy(path, tmp_path))
    subprocess.run([sys.executable, "-m", "jupytext", "--quiet", "--to", "py:percent", str(copy)], check=True)
    script = copy.with_suffix(".py").read_text(encoding="utf-8")
    assert path.with_suffix(".py").read_text(encoding="utf-8") == script, "`jupytext --sync` brings them into step"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_says_what_it_is_for_and_ends_with_what_follows(path: Path) -> None:
    cells = read(path).cells
    title, purpose = cells[0].source.split("\n\n")
    assert title.startswith("# ")
    assert purpose
    setup = cells[1].source
    assert setup.startswith("%matplotlib inline\nimport ")
    assert "use_style()" in setup
    assert "## What follows\n" in cells[-1].source
    neighbours = {other.name for other in NOTEBOOKS if abs(NOTEBOOKS.index(other) - NOTEBOOKS.index(path)) == 1}
    assert all(f"]({name})" in cells[-1].source for name in neighbours)
    assert "](../docs/" in cells[-1].source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_was_run_from_top_to_bottom_without_a_complaint(path: Path) -> None:
    cells = code_cells(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for output in (output for cell in cells for output in cell.outputs):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_imports_the_package_and_defines_nothing(path: Path) -> None:
    nodes = list(ast.walk(tree(read(path))))
    assert any(isinstance(node, ast.ImportFrom) and str(node.module).startswith("sentigrade.") for node in nodes)
    assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda) for node in nodes)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_is_small_and_keeps_no_times(path: Path) -> None:
    assert path.stat().st_size < 400_000
    notebook = read(path)
    assert all(cell.metadata == {} for cell in notebook.cells)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path not in WITH_TORCH], ids=lambda path: path.stem)
def test_a_notebook_runs_on_other_data(path: Path, treebank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", str(treebank))
    assert_every_cell_shows_something(path)


@pytest.mark.torch
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", WITH_TORCH, ids=lambda path: path.stem)
def test_a_notebook_that_needs_torch_runs_with_another_encoder(
    path: Path, treebank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = [f"{' '.join(words)} {' '.join(SUBJECTS)} is a bad" for words in WORDS_BY_LEVEL]
    tiny_encoder(treebank.parent / "all-MiniLM-L6-v2", sentences, max_position_embeddings=128)
    monkeypatch.setenv("DATA", str(treebank))
    monkeypatch.delenv("MODELS", raising=False)
    assert_every_cell_shows_something(path)


def assert_every_cell_shows_something(path: Path) -> None:
    notebook = read(path)
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(FOLDER)}}).execute()
    assert all(cell.outputs for cell in code_cells(notebook)[1:])
