"""schemathesis makes requests of all that /openapi.json describes, right ones and wrong ones, and finds nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live import REPOSITORY

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# The same requests each time; another seed makes others.
SEED = 1
MOST_OF_AN_OPERATION = 80
LEAST_IN_ALL = 2000


@pytest.mark.timeout(300)  # a minute, on a machine that does nothing else
def test_schemathesis_finds_nothing(port: int, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run = schemathesis(tmp_path, f"http://127.0.0.1:{port}/openapi.json", f"--report-json-path={report}")
    print(run.stdout)  # the summary
    assert run.returncode == 0, run.stderr
    require_all(json.loads(report.read_text()))


def schemathesis(folder: Path, document: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run schemathesis in an empty folder, with all of its checks and phases; it speaks with this host alone."""
    command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={CONFIGURATION}", "run", document]
    command += ["--checks=all", "--phases=examples,coverage,fuzzing,stateful", "--continue-on-failure", "--no-color"]
    command += [f"--seed={SEED}", f"--max-examples={MOST_OF_AN_OPERATION}", "--report=json", *options]
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_PROXY": "*"}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def require_all(report: Any) -> None:  # noqa: ANN401 - JSON
    """Fail unless everything was asked, checked and found right."""
    cases, operations = report["test_cases"], report["operations"]
    assert report["complete"]
    assert cases["generated"] >= LEAST_IN_ALL
    assert cases["with_failures"] == cases["errored"] == cases["without_checks"] == 0
    assert operations["tested"] == operations["selected"] == operations["total"]
    assert {phase["status"] for phase in report["phases"].values()} == {"success"}
    assert report["failures"] == report["errors"] == []
    rates = [phase for operation in report["valid_rates"].values() for phase in operation.values()]
    assert all(rate["accepted"] > 0 and rate["rejected"] == 0 for rate in rates)
