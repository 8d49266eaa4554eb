"""Runs the command line as a user does, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def sentigrade(*arguments: str | Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command; of this process's environment it sees only what leads to S3, and that it is to fit alone."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "LOKY_"))}
    return subprocess.run(
        [sys.executable, "-m", "sentigrade", *map(str, arguments)],
        input=stdin,
        env={"PATH": "/usr/bin:/bin", **inherited, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def printed(*arguments: str | Path, **environ: str) -> str:
    """Return what a command prints that succeeds and has nothing to say on standard error."""
    result = sentigrade(*arguments, **environ)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def as_json(*arguments: str | Path, **environ: str) -> Any:  # noqa: ANN401 - whatever the command says
    """Return what a command says with --json."""
    return json.loads(printed(*arguments, "--json", **environ))


def refusal(*arguments: str | Path, **environ: str) -> str:
    """Return the one line that a command says which cannot do what it was asked for."""
    return failure(1, *arguments, **environ)


def bad_model(*arguments: str | Path, **environ: str) -> str:
    """Return the one line that a command says of a model that must not be used."""
    return failure(os.EX_DATAERR, *arguments, **environ)


def failure(status: int, *arguments: str | Path, **environ: str) -> str:
    """Return the one line that a command says which ends with this status."""
    result = sentigrade(*arguments, **environ)
    assert (result.returncode, result.stdout) == (status, ""), result.stderr
    assert result.stderr.startswith("sentigrade: ")
    assert result.stderr.count("\n") == 1
    return result.stderr
