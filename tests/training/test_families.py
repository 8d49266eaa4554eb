import math

import pytest

from sentigrade.errors import SettingError
from sentigrade.training.families import parameters_of
from sentigrade.training.linear import LinearParameters


def test_parameters_that_are_not_given_are_the_family_s_own() -> None:
    assert parameters_of("linear", {"c": 1, "binary": False}) == LinearParameters(c=1.0, binary=False)


@pytest.mark.parametrize(
    ("family", "given", "message"),
    [
        ("forest", {}, "family forest cannot be trained: choose one of linear, fasttext, embedding"),
        ("endpoint", {}, "family endpoint cannot be trained"),
        ("linear", {"colour": 1}, "parameters of family linear: .*unknown field `colour`"),
        ("linear", {"c": 0}, r"parameters of family linear: .*`\$.c`"),
        ("linear", {"c": math.inf}, r"parameters of family linear: .*`\$.c`"),
        ("linear", {"rarity": math.nan}, r"parameters of family linear: .*`\$.rarity`"),
        ("linear", {"decay": math.inf}, r"parameters of family linear: .*`\$.decay`"),
        ("linear", {"naive_bayes": 1e9}, r"parameters of family linear: .*`\$.naive_bayes`"),
        ("fasttext", {"quantise": True, "cutoff": 2**40}, r"parameters of family fasttext: .*`\$.cutoff`"),
        ("linear", {"binary": "yes"}, r"parameters of family linear: .*`\$.binary`"),
    ],
)
def test_what_no_family_takes_is_an_error(family: str, given: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parameters_of(family, given)
