"""The family that docs/adding-a-family.md adds passes the contract suite."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.live import REPOSITORY

_BLOCK = re.compile(r"^`([\w/]+\.py)`:\n\n```(python|diff)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """What the page says of a file: its content, or how it changes."""

    path: str
    kind: str
    content: str

    def apply(self, root: Path) -> None:
        file = root / self.path
        if self.kind == "python":
            assert not file.exists()
            file.write_text(self.content)
            return
        lines = self.content.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
        assert file.read_text().count(old) == 1, f"{self.path} has changed: change the page too"
        file.write_text(file.read_text().replace(old, new))


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    page = (REPOSITORY / "docs" / "adding-a-family.md").read_text()
    return [Block(*found) for found in _BLOCK.findall(page)]


@pytest.fixture(scope="module")
def copy_with_the_family(blocks: list[Block], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its tests to which everything was done that the page says."""
    root = tmp_path_factory.mktemp("adding")
    for folder in ("services/sentigrade", "tests"):
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", root)
    (root / "model_store").symlink_to(REPOSITORY / "model_store")
    for block in blocks:
        block.apply(root)
    return root


def test_a_family_takes_less_than_a_hundred_lines_of_code(blocks: list[Block]) -> None:
    assert len(blocks) == 5
    lines = [line for block in blocks for line in block.content.splitlines()]
    assert len([line for line in lines if line.strip()]) < 100


def test_the_code_of_the_page_passes_the_contract_suite(copy_with_the_family: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract", "-k", "centroid"],
        cwd=copy_with_the_family,
        env={**environ, "PYTHONPATH": str(copy_with_the_family / "services")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed, \d+ deselected", done.stdout)
    assert passed
    assert int(passed[1]) > 80


def test_the_code_of_the_page_follows_the_style_of_the_project(copy_with_the_family: Path, blocks: list[Block]) -> None:
    for command in (("check",), ("format", "--check")):
        ruff = [str(Path(sys.executable).parent / "ruff"), *command, "--no-cache", *(block.path for block in blocks)]
        done = subprocess.run(ruff, cwd=copy_with_the_family, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
