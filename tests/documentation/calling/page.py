"""The sections of docs/calling.md: what each asks, in three languages, and what it says is answered."""

import re
from dataclasses import dataclass

from tests.documentation.blocks import Block, blocks
from tests.live import REPOSITORY

PAGE = REPOSITORY / "docs" / "calling.md"
LANGUAGES = ("sh", "python", "js")
_LINES = PAGE.read_text(encoding="utf-8").splitlines()


@dataclass(frozen=True)
class Section:
    """What stands below one heading: blocks of code, and the names of the same requests in Postman."""

    title: str
    blocks: tuple[Block, ...]
    requests: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """What a link to the section ends with."""
        return re.sub(r"[^a-z0-9 -]", "", self.title.lower()).replace(" ", "-")

    @property
    def setup(self) -> Block | None:
        """The commands that start a service for this section alone."""
        return next((block for block in self.blocks if _starts_a_service(block)), None)

    @property
    def examples(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.language in LANGUAGES and not _starts_a_service(block))

    @property
    def answer(self) -> Block:
        (answer,) = (block for block in self.blocks if block.language in ("json", "text"))
        return answer


@dataclass(frozen=True)
class Row:
    """A line of the page's table: methods with their paths, and the anchors of the sections that tell of them."""

    operations: frozenset[tuple[str, str]]
    anchors: frozenset[str]


def _starts_a_service(block: Block) -> bool:
    return block.language == "sh" and block.text.endswith("make run\n")


def _sections() -> tuple[Section, ...]:
    starts = [number for number, line in enumerate(_LINES, 1) if line.startswith("## ")]
    ends = [*starts[1:], len(_LINES) + 1]
    found = blocks(PAGE)
    return tuple(
        Section(
            title=_LINES[start - 1].removeprefix("## "),
            blocks=tuple(block for block in found if start < block.line < end),
            requests=tuple(
                name
                for line in _LINES[start:end]
                if line.startswith("In Postman: ")
                for name in re.findall(r"\*([^*]+)\*", line)
            ),
        )
        for start, end in zip(starts, ends, strict=True)
    )


def _rows() -> tuple[Row, ...]:
    return tuple(
        Row(frozenset(re.findall(r"`([A-Z]+) (/[^`]*)`", line)), frozenset(re.findall(r"\]\(#([^)]+)\)", line)))
        for line in _LINES
        if line.startswith("| ") and "](#" in line
    )


SECTIONS = _sections()
TABLE = _rows()
# What starts the service that all sections ask but for those with a service of their own.
SETUP = next(filter(_starts_a_service, blocks(PAGE)))
