"""What a block is marked with is so: nothing that could be run is kept from running."""

import re

import pytest
from markdown_it import MarkdownIt

from tests.documentation.blocks import blocks, pages
from tests.documentation.marks import ELSEWHERE, PROGRAMS, WHERE
from tests.live import REPOSITORY

# Whoever has no account, no host made by its template and no cluster there has nothing that answers these.
_NEEDS_AN_ACCOUNT = re.compile(
    r"""(^|[\s($])(
        aws\s | eksctl\s | gh\sapi\s | kubectl\s(apply|delete|--namespace)\b
        | (sudo\s)?(apt-get|systemctl)\s | sentigrade-(release|certificate)\s
        | (\.venv/bin/)?sentigrade\sdeploy\s | deploy/registry/push\s | deploy/ecs/release\s
        | boto3\.client\(
    )""",
    re.VERBOSE | re.MULTILINE,
)
PROGRAM_BLOCKS = [block for page in pages() for block in blocks(page) if block.language in PROGRAMS]
ACCOUNT_BLOCKS = [block for block in PROGRAM_BLOCKS if block.mark == "account"]


def test_every_block_of_commands_says_where_it_is_run() -> None:
    assert len(PROGRAM_BLOCKS) > 100
    assert [f"{block.page}:{block.line} {block.mark}" for block in PROGRAM_BLOCKS if block.mark not in WHERE] == []


def test_commands_stand_in_blocks_that_say_what_they_are() -> None:
    """`bash`, `console` and the like would be passed over by those that run blocks."""
    others = {block.language for page in pages() for block in blocks(page)} - {*PROGRAMS}
    assert others <= {"", "diff", "js", "json", "text", "toml"}


def test_no_command_stands_in_an_indented_block() -> None:
    """It has no first line that could say where it is run."""
    command = re.compile(
        r"^(\$ |sudo |make |docker |curl |git |aws |sentigrade |python|\.venv|\w+=\S* make )", re.MULTILINE
    )
    indented = [
        token for page in pages() for token in MarkdownIt().parse(page.read_text()) if token.type == "code_block"
    ]
    assert indented
    assert [token.content for token in indented if command.search(token.content)] == []


def test_a_block_that_is_not_run_needs_an_account() -> None:
    local = [f"{block.page}:{block.line}" for block in ACCOUNT_BLOCKS if not _NEEDS_AN_ACCOUNT.search(block.text)]
    assert local == []


def test_what_is_fetched_goes_to_environments_of_its_own() -> None:
    """The environment of the tests is everybody's."""
    fetching = [block for block in PROGRAM_BLOCKS if block.mark == "slow"]
    assert [block.page for block in fetching if re.search(r"\.venv(-torch)?/bin/pip|\bmake\b", block.text)] == []


@pytest.mark.parametrize("page", sorted({block.page for block in ACCOUNT_BLOCKS}))
def test_a_page_says_that_it_needs_an_account_before_the_first_command_that_does(page: str) -> None:
    first = min(block.line for block in ACCOUNT_BLOCKS if block.page == page)
    before = (REPOSITORY / page).read_text(encoding="utf-8").splitlines()[: first - 1]
    assert re.search(r"\baccount\b", "\n".join(before))


def test_pages_that_are_run_elsewhere_are_named_by_the_test_that_does() -> None:
    assert {page: page in (REPOSITORY / test).read_text(encoding="utf-8") for page, test in ELSEWHERE.items()} == (
        dict.fromkeys(ELSEWHERE, True)
    )
