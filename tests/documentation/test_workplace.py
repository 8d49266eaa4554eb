"""The shell that follows a page: what one block does is so for the next, and what goes wrong is said."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.documentation.blocks import Block
from tests.documentation.test_commands import PRELUDE
from tests.documentation.workplace import Workplace


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path, PRELUDE, {})


def sh(text: str, line: int = 1) -> Block:
    return Block("page.md", line, "sh", "", text)


def test_blocks_share_a_shell_and_a_folder(workplace: Workplace) -> None:
    python = Block("page.md", 9, "python", "", "print(open('there').read())")
    printed = workplace.run([sh("cd docs\nwhat=this"), sh("echo $what > there", 5), python], 60)
    assert printed == ["", "", "this\n\n"]


def test_a_command_that_fails_ends_it_and_is_named(workplace: Workplace) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:5 ended with 3\n(.|\n)*said before"):
        workplace.run([sh("true"), sh("echo said before\n(exit 3)\ntrue", 5), sh("touch later", 9)], 60)
    assert not (workplace.tree / "later").exists()


def test_a_variable_that_no_command_has_set_is_a_failure(workplace: Workplace) -> None:
    with pytest.raises(AssertionError, match="MY_SENTIGRADE_KEY: unbound variable"):
        workplace.run([sh('echo "$MY_SENTIGRADE_KEY"')], 60)


def test_a_command_that_does_not_end_is_ended(workplace: Workplace) -> None:
    with pytest.raises(AssertionError, match="ended with 124"):
        workplace.run([sh("sleep 100")], 1)


def test_a_target_of_make_that_nobody_has_thought_about_is_not_run(workplace: Workplace) -> None:
    with pytest.raises(AssertionError, match="does not say what 'make clean' is in a test"):
        workplace.run([sh("make clean")], 60)
    assert (workplace.tree / ".venv").exists()


def test_no_page_changes_the_environment_of_the_tests(workplace: Workplace) -> None:
    package = workplace.tree / "stray"
    package.mkdir()
    (package / "pyproject.toml").write_text('[project]\nname = "stray-sentigrade"\nversion = "1"\n')
    (package / "stray_sentigrade.py").touch()
    (printed,) = workplace.run([sh(".venv/bin/pip install --no-build-isolation ./stray")], 60)
    assert "Would install stray-sentigrade" in printed
    assert find_spec("stray_sentigrade") is None
