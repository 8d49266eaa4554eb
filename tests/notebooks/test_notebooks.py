"""The notebooks as they are committed, and run again on a treebank and reviews written for the tests."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.conftest import SUBJECTS, WORDS_BY_LEVEL
from tests.tiny_encoder import tiny_encoder

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
IDS = [path.stem for path in NOTEBOOKS]
FINE_TUNING = FOLDER / "03-fine-tuning.ipynb"


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

    Beside them are reviews, and vectors of their words, which are drawn.
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
    words = [*SUBJECTS, *(word for words in WORDS_BY_LEVEL for word in words)]
    vectors = np.random.default_rng(0).normal(size=(len(words), 50)).astype(np.float32)
    np.save(folder.parent / "glove.6B.50d.npy", vectors)
    (folder.parent / "glove.6B.50d.words.txt").write_text("\n".join(words) + "\n")
    return folder


def test_there_are_five_notebooks() -> None:
    assert IDS == ["00-explore", "01-train-linear", "02-long-texts", "03-fine-tuning", "04-word-vectors"]


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
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path != FINE_TUNING], ids=lambda path: path.stem)
def test_a_notebook_runs_on_another_treebank(path: Path, treebank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", str(treebank))
    assert_every_cell_shows_something(path)


@pytest.mark.torch
@pytest.mark.timeout(300)
def test_the_notebook_that_fine_tunes_runs_on_another_encoder(treebank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [f"{' '.join(words)} {' '.join(SUBJECTS)} is a bad" for words in WORDS_BY_LEVEL]
    tiny_encoder(treebank.parent / "all-MiniLM-L6-v2", sentences, max_position_embeddings=128)
    monkeypatch.setenv("DATA", str(treebank))
    monkeypatch.delenv("MODELS", raising=False)
    assert_every_cell_shows_something(FINE_TUNING)


def assert_every_cell_shows_something(path: Path) -> None:
    notebook = read(path)
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(FOLDER)}}).execute()
    assert all(cell.outputs for cell in code_cells(notebook)[1:])
