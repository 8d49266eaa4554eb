"""Who may import whom."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_follow_the_layers_of_the_design() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("sentigrade.web.app", ("sklearn", "scipy", "torch", "boto3", "matplotlib")),
        ("sentigrade.scorer", ("flask", "gunicorn", "sklearn", "scipy", "boto3")),
        ("sentigrade.wire.native", ("flask", "gunicorn", "sklearn", "scipy", "boto3")),
        ("sentigrade.cli", ("flask", "gunicorn", "sklearn", "spacy", "numpy")),
    ],
)
def test_importing_a_module_leaves_heavy_libraries_alone(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*(name for name in {unwanted} if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
