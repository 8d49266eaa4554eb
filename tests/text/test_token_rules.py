import pytest

from sentigrade.text.profile import CleaningProfile
from sentigrade.text.token_rules import TokenRules

STOP_WORDS = frozenset(["the", "not", "n't"])


def rules(**choices: str) -> TokenRules:
    return TokenRules(CleaningProfile(**choices), STOP_WORDS)  # type: ignore[arg-type]


def test_case_is_folded_by_default_and_kept_by_choice() -> None:
    assert rules()("Film") == "film"
    assert rules(case="keep")("Film") == "Film"


@pytest.mark.parametrize("number", ["7", "3.5", "1/2", "1,000", "90s", "1st", "-2", "7:30"])
def test_numbers_are_masked_or_dropped_by_choice(number: str) -> None:
    assert rules()(number) == number
    assert rules(numbers="mask")(number) == "<num>"
    assert rules(numbers="drop")(number) == ""


def test_a_word_with_digits_is_no_number() -> None:
    assert rules(numbers="drop")("mp3") == "mp3"


def test_punctuation_is_dropped_by_choice() -> None:
    assert rules()("!") == "!"
    assert rules(punctuation="drop")("...") == ""
    assert rules(punctuation="drop")("n't") == "n't"


def test_a_stop_list_drops_its_words_and_spares_negations_by_choice() -> None:
    assert rules()("the") == "the"
    assert rules(stop_words="drop")("The") == ""
    assert rules(stop_words="drop")("not") == ""
    assert rules(stop_words="drop_but_negations")("the") == ""
    assert rules(stop_words="drop_but_negations")("not") == "not"


def test_a_cleaned_token_holds_no_blanks() -> None:
    assert rules()(" 2 1/2\n") == "21/2"
