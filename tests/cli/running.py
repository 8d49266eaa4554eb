"""Runs the command line as a user does, in a process of its own."""

import json
import multiprocessing
import os
import runpy
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Libraries take a second or two to import, which is most of what a command takes: so processes are forked from one that
# has imported them.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "sentigrade.cli",
        "sentigrade.evaluation.comparison",
        "sentigrade.evaluation.report",
        "sentigrade.sagemaker.training",
        "sentigrade.store.s3",
        "sentigrade.training.recipe_file",
        "sentigrade.web.server",
    ]
)


def sentigrade(*arguments: str | Path, stdin: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a command; of this process's environment it sees only what leads to S3, and that it is to fit alone."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "LOKY_"))}
    environ = {"PATH": "/usr/bin:/bin", **inherited, **environ}
    # The interpreter looks at some variables only when it starts.
    run = _run_afresh if any(name.startswith("PYTHON") for name in environ) else _run_forked
    return run([*map(str, arguments)], stdin, environ)


def _run_afresh(arguments: list[str], stdin: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sentigrade", *arguments]
    return subprocess.run(command, input=stdin, env=environ, capture_output=True, text=True, check=False)


def _run_forked(arguments: list[str], stdin: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    with TemporaryDirectory() as name:
        streams = [Path(name, stream) for stream in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin)
        process = _FORKS.Process(target=_become, args=(arguments, streams, environ, Path.cwd()))
        process.start()
        process.join()
        assert process.exitcode is not None
        _, stdout, stderr = (stream.read_text() if stream.exists() else "" for stream in streams)
    return subprocess.CompletedProcess(arguments, process.exitcode, stdout, stderr)


def _become(arguments: list[str], streams: list[Path], environ: dict[str, str], folder: Path) -> None:
    """Be what `python -m sentigrade` is, in a process that has just been forked."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for descriptor, stream in enumerate(streams):
        os.dup2(os.open(stream, os.O_RDWR | os.O_CREAT), descriptor)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.argv = ["sentigrade", *arguments]
    runpy.run_module("sentigrade", run_name="__main__", alter_sys=True)


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
