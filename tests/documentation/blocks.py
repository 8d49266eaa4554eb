"""The documentation's pages, and the blocks of code in them."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from tests.live import REPOSITORY


@dataclass(frozen=True)
class Block:
    """A fenced block: what its first line says, and what stands in it."""

    page: str  # its path in the repository
    line: int  # where the block begins, from 1
    language: str
    mark: str  # where a command runs: "" is anywhere; also "torch", "slow", "monitoring", "docker" and "account"
    text: str


def pages() -> list[Path]:
    """Return every page for readers; model cards and the changelog show no commands to follow."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    shown = [name for name in listed if not name.startswith("model_store/") and name != "CHANGELOG.md"]
    return [REPOSITORY / name for name in shown if (REPOSITORY / name).exists()]


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in their order."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    name = str(page.relative_to(REPOSITORY))
    found = []
    for token in tokens:
        if token.type == "fence" and token.map:
            language, _, mark = token.info.strip().partition(" ")
            found.append(Block(name, token.map[0] + 1, language, mark, token.content))
    return found


def commands(page: Path) -> list[Block]:
    """Return the blocks of shell commands of a page, wherever they are run."""
    return [block for block in blocks(page) if block.language == "sh"]


def shown_below(block: Block, found: Sequence[Block]) -> Block | None:
    """Return the block of output that only an empty line parts from this one."""
    below = block.line + block.text.count("\n") + 3
    return next((other for other in found if other.line == below and other.language in ("", "text", "json")), None)
