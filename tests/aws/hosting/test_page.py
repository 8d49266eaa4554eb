"""The lines of deploy/sagemaker/README.md, read by the commands themselves."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from sentigrade.aws.jobs.hyperparameters import BlazingTextParameters
from sentigrade.cli import cli
from sentigrade.cli.deploying import deploy
from tests.aws_server import IMAGE, ROLE
from tests.documentation.blocks import commands
from tests.live import REPOSITORY

PAGE = REPOSITORY / "deploy" / "sagemaker" / "README.md"
VARIABLES = {"$image": IMAGE, "$role": ROLE, "$job_role": ROLE}


def lines() -> list[list[str]]:
    """The words of each line that runs a command of ours."""
    found = []
    for block in commands(PAGE):
        for line in block.text.replace("\\\n", " ").splitlines():
            words = [VARIABLES.get(word, word) for word in shlex.split(line, comments=True)]
            if words and words[0].endswith("sentigrade"):
                found.append(words[1:])
    return found


def read(group: click.Group, words: list[str]) -> dict[str, Any]:
    name, *arguments = words
    command = group.commands[name]
    if isinstance(command, click.Group):
        return read(command, arguments)
    return command.make_context(name, arguments).params


def test_each_line_is_one_that_the_command_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lines").mkdir()
    for name in ("train.txt", "validation.txt"):
        (tmp_path / "lines" / name).touch()
    taken = [(words[0], words[1], read(cli, words)) for words in lines()]
    assert [words[:2] for words in taken] == [
        ("deploy", "sagemaker"),
        ("deploy", "transform"),
        ("sagemaker", "process"),
        ("deploy", "blazingtext"),
        ("deploy", "remove"),
    ]
    assert taken[0][2]["image"] == IMAGE


def test_every_command_has_a_line() -> None:
    assert {words[1] for words in lines() if words[0] == "deploy"} == deploy.commands.keys()


def test_what_blazingtext_can_be_told_stands_there() -> None:
    told = PAGE.read_text().partition("`--set` takes")[2].partition("; what is left out")[0]
    assert tuple(re.findall("`([a-z_]+)`", told)) == BlazingTextParameters.__struct_fields__
