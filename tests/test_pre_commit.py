"""`pre-commit install` keeps a commit from happening that `make lint` would refuse."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import REPOSITORY

ENVIRONMENT = Path(sys.executable).parent
AUTHOR = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with our hooks in place; what looks at the whole project is left out, as there is none here."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, folder)
    (folder / ".venv").symlink_to(ENVIRONMENT.parent)
    run(folder, "git", "init", "--quiet")
    run(folder, str(ENVIRONMENT / "pre-commit"), "install")
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **AUTHOR, "SKIP": "mypy,lint-imports", "PRE_COMMIT_HOME": str(folder / ".cache")}
    return subprocess.run(command, cwd=folder, env=variables, check=False, capture_output=True, text=True)


def commit(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(script)
    run(folder, "git", "add", "script.py", ".pre-commit-config.yaml")
    return run(folder, "git", "commit", "--message", "A script")


def test_a_commit_that_ruff_refuses_does_not_happen(checkout: Path) -> None:
    refused = commit(checkout, '"""A script."""\n\nimport os\n')
    assert refused.returncode != 0
    assert "`os` imported but unused" in refused.stderr


def test_a_commit_in_order_happens(checkout: Path) -> None:
    committed = commit(checkout, '"""A script."""\n')
    assert committed.returncode == 0, committed.stderr
