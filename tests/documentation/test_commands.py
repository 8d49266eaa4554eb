"""The commands and programs of the documentation, run as printed; what a page shows below one is its output."""

from pathlib import Path

import pytest

from tests.documentation.answers import require_answer
from tests.documentation.blocks import Block, blocks, pages, shown_below
from tests.documentation.marks import ELSEWHERE, PROGRAMS
from tests.documentation.materials import lay_out
from tests.documentation.servers import running_for
from tests.documentation.workplace import Workplace
from tests.live import REPOSITORY

PRELUDE = Path(__file__).with_name("service.bash")
# What `make test` keeps pip from.
FETCHING = {"PIP_DRY_RUN": "0", "PIP_NO_INDEX": "0"}
# Seconds that a page may take in `make test`, and elsewhere.
_SECONDS, _MORE_SECONDS = 110, 590


def marked(mark: str) -> list[str]:
    """Return the pages that have something to run of this mark."""
    paths = [str(path.relative_to(REPOSITORY)) for path in pages()]
    return [page for page in paths if page not in ELSEWHERE and to_run(page, mark)]


def to_run(page: str, mark: str) -> list[Block]:
    """Return what is run of a page."""
    return [block for block in blocks(REPOSITORY / page) if block.language in PROGRAMS and block.mark == mark]


def require_what_is_shown(block: Block, printed: str) -> None:
    """Hold what a block has printed against what its page shows below it."""
    shown = shown_below(block, blocks(REPOSITORY / block.page))
    if shown and shown.language == "json":
        require_answer(printed, shown)
    elif shown:
        assert printed.strip() == shown.text.strip(), f"{block.page}:{shown.line}"


def follow(page: str, mark: str, folder: Path, request: pytest.FixtureRequest, seconds: int) -> None:
    """Do what a page says, from top to bottom."""
    with running_for(page, request) as servers:
        workplace = Workplace(folder, PRELUDE, {**servers, **(FETCHING if mark == "slow" else {})})
        lay_out(page, workplace.tree, request.getfixturevalue("small_store") / "sentiment" / "1")
        found = to_run(page, mark)
        for block, printed in zip(found, workplace.run(found, seconds), strict=True):
            require_what_is_shown(block, printed)


@pytest.mark.parametrize("page", marked(""))
def test_a_page_can_be_followed(page: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    follow(page, "", tmp_path, request, _SECONDS)


@pytest.mark.torch
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", marked("torch"))
def test_a_page_can_be_followed_with_torch(page: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    follow(page, "torch", tmp_path, request, _MORE_SECONDS)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", marked("slow"))
def test_a_page_can_be_followed_where_packages_are_fetched(
    page: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    follow(page, "slow", tmp_path, request, _MORE_SECONDS)


@pytest.mark.monitoring
@pytest.mark.parametrize("page", marked("monitoring"))
def test_a_page_can_be_followed_with_prometheus(page: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    follow(page, "monitoring", tmp_path, request, _SECONDS)
