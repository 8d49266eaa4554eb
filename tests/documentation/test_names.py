"""What the pages name in passing is there: targets of make, commands and their options, settings, files."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache

import click
from markdown_it import MarkdownIt

from sentigrade.cli import cli
from tests.documentation.blocks import commands, pages
from tests.live import REPOSITORY

_FOLDERS = "bench|deploy|docs|model_store|nginx|notebooks|recipes|requirements|services|tests"
_PATH = re.compile(rf"(?:{_FOLDERS})/[\w./-]*\w")
_SETTING = re.compile(r"\bSENTIGRADE_[A-Z_]*[A-Z]\b")
# At the beginning of a line, of a pipe's end or of $(...), with settings before it.
_COMMAND = re.compile(
    r"(?:^ *|\| *|\$\()(?:\w+=\S* )*(?:\.venv(?:-torch)?/bin/)?sentigrade ((?:[^\n|;#)\\]|\\\n)+)", re.MULTILINE
)
# What comes to be when somebody does as the page says.
_MADE = re.compile(r"bench/latest\b|services/sentigrade/(classifiers|training)/centroid\.py")


def passages() -> Iterator[tuple[str, str]]:
    """Yield each page with what stands in it between backticks."""
    for path in pages():
        page = str(path.relative_to(REPOSITORY))
        for token in MarkdownIt().enable("table").parse(path.read_text(encoding="utf-8")):
            for part in token.children or ():
                if part.type == "code_inline":
                    yield page, " ".join(part.content.split())


def code() -> Iterator[tuple[str, str]]:
    """Yield each page with its passages and its blocks of commands, those that are not run included."""
    yield from passages()
    for path in pages():
        yield from ((block.page, block.text) for block in commands(path))


def test_targets_of_make_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = {name for line in re.findall(r"^([\w./ -]+):(?!=)", makefile, re.MULTILINE) for name in line.split()}
    asked = [
        (page, word)
        for page, text in code()
        for call in re.findall(r"(?:^|\s)make ((?:[\w./=$()'-]+ ?)+)", text)
        for word in call.split()
        if "=" not in word
    ]
    assert len(asked) > 50
    assert [named for named in asked if named[1] not in targets] == []


def test_commands_and_their_options_exist() -> None:
    wrong = [(page, said) for page, text in code() for call in _COMMAND.findall(text) for said in unknown(call)]
    assert wrong == []


def unknown(call: str) -> list[str]:
    """Return the subcommands and options of a call that the command line does not have."""
    words = shlex.split(call.replace("\\\n", " ").replace("'", "").replace('"', ""))
    command: click.Command = cli
    while isinstance(command, click.Group) and words:
        name = words.pop(0)
        if name.startswith("-"):
            words.insert(0, name)
            break
        if name not in command.commands:
            return [name]
        command = command.commands[name]
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    return sorted(given - {"--help", "--version"} - {option for each in command.params for option in each.opts})


def test_settings_are_read_somewhere() -> None:
    asked = {name for _, text in code() for name in _SETTING.findall(text)}
    assert len(asked) > 20
    assert sorted(asked - set(_SETTING.findall(source()))) == []


@cache
def source() -> str:
    """Return all that is not documentation."""
    listed = ["git", "grep", "--untracked", "-hI", "SENTIGRADE_", "--", ".", ":!*.md", ":!tests"]
    return subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout


def test_files_exist() -> None:
    asked = [(page, path) for page, text in passages() for path in _PATH.findall(text) if text.startswith(path)]
    assert len(asked) > 20
    assert [named for named in asked if not _MADE.match(named[1]) and not (REPOSITORY / named[1]).exists()] == []
