import pytest

from sentigrade.aws.jobs.hyperparameters import parse_hyperparameters
from sentigrade.errors import SettingError


def test_what_is_given_goes_as_strings_and_the_rest_is_left_to_blazingtext() -> None:
    assert parse_hyperparameters([]).strings() == {"mode": "supervised"}
    given = ["epochs=10", "learning_rate=0.1", "early_stopping=True", "min_count=0"]
    assert parse_hyperparameters(given).strings() == {
        "mode": "supervised",
        "epochs": "10",
        "learning_rate": "0.1",
        "early_stopping": "True",
        "min_count": "0",
    }


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("epochs", "write NAME=VALUE; the names are epochs, learning_rate, "),
        ("mode=cbow", "write NAME=VALUE; the names are"),
        ("epochs=many", r"--set: Expected `int \| null`, got `str` - at `\$.epochs`"),
        ("epochs=0", r"--set: Expected `int` >= 1 - at `\$.epochs`"),
        ("learning_rate=-1", "Expected `float` > 0"),
        ("early_stopping=yes", "Invalid enum value 'yes'"),
    ],
)
def test_what_blazingtext_would_refuse_minutes_later_is_refused_at_once(given: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        parse_hyperparameters([given])
