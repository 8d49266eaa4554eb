"""What several commands have in common: the store, the settings of the environment, and how they fail."""

from pathlib import Path

import pytest

from tests.cli.running import as_json, refusal, sentigrade


def test_the_store_is_that_of_the_setting_unless_the_option_names_another(small_store: Path, tmp_path: Path) -> None:
    (version,) = as_json("list", SENTIGRADE_STORE=str(small_store))
    assert version["name"] == "sentiment"
    assert as_json("list", "--store", tmp_path, SENTIGRADE_STORE=str(small_store)) == []


def test_a_bad_setting_is_an_error_that_names_it(small_store: Path) -> None:
    said = refusal("verify", "sentiment", "--store", small_store, SENTIGRADE_PROT="1")
    assert said == "sentigrade: SENTIGRADE_PROT is not a setting; .env.example lists them all\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("oracle",), "No such command 'oracle'."),
        (("publish", "nowhere"), "Invalid value for 'FOLDER': Directory 'nowhere' does not exist."),
        (("adopt", "nothing.pkl"), "Invalid value for 'FILE': File 'nothing.pkl' does not exist."),
        (
            ("publish", ".", "--sign-with", "none.pem"),
            "Invalid value for '--sign-with': File 'none.pem' does not exist.",
        ),
        (("publish", ".", "--version", "0"), "Invalid value for '--version': 0 is not in the range x>=1."),
        (("prune", "sentiment", "--keep", "0"), "Invalid value for '--keep': 0 is not in the range x>=1."),
        (
            ("train", ".", "--store", "s", "--seed", "-1"),
            "Invalid value for '--seed': -1 is not in the range 0<=x<=4294967295.",
        ),
        (("fetch", "sentiment"), "Missing option '--into'."),
    ],
)
def test_a_command_that_is_none_is_told_how_it_is_used(arguments: tuple[str, ...], reason: str) -> None:
    result = sentigrade(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: ")
    assert result.stderr.endswith(f"Error: {reason}\n")
