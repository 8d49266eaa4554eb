"""Command lines of `sentigrade batch` in templates and pages, read by the command itself."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sentigrade.cli import cli
from tests.documentation.blocks import commands

# Settings of the folders that a job writes to beside its sink.
WRITES_TO = ("SENTIGRADE_CACHE", "SENTIGRADE_SPOOL", "TMPDIR")


def read_as_batch(line: Sequence[str]) -> dict[str, Any]:
    """Have the command read `batch SOURCE SINK ...` and return what it makes of it; click's error when it refuses."""
    role, *arguments = line
    assert role == "batch"
    return cli.commands[role].make_context(role, arguments).params


def lines_of_page(path: Path) -> Iterator[list[str]]:
    """Give what follows and includes the last word `batch` before the SOURCE, of each command in a page's blocks."""
    for block in commands(path):
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:2] in (["docker", "compose"], ["docker", "run"]) and "batch" in words:
                last = max(number for number, word in enumerate(words) if word == "batch")
                yield words[last:]
