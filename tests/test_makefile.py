"""`make` on a machine whose Python will not do says so in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parent.parent / "Makefile"


def make_environment(folder: Path, interpreter: Path) -> subprocess.CompletedProcess[str]:
    command = ["make", "-f", str(MAKEFILE), ".venv/made", f"PYTHON={interpreter}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def write_interpreter(folder: Path, script: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def without_ensurepip(tmp_path: Path) -> Path:
    (tmp_path / "ensurepip.py").write_text("raise ModuleNotFoundError('ensurepip')")
    return write_interpreter(tmp_path, f'PYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"')


def test_a_python_without_ensurepip(tmp_path: Path, without_ensurepip: Path) -> None:
    result = make_environment(tmp_path, without_ensurepip)
    assert result.returncode != 0
    (line,) = result.stderr.splitlines()
    assert "apt-get install python3-venv" in line
    assert not (tmp_path / ".venv").exists()


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    result = make_environment(tmp_path, write_interpreter(tmp_path, "exit 1"))
    assert result.returncode != 0
    (line,) = result.stderr.splitlines()
    assert "3.11" in line
