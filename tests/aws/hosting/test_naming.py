import re

import pytest

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.naming import made_for_endpoint, name_part, new_name, require_name, tags
from sentigrade.errors import SettingError
from tests.aws_server import ACCOUNT, ROLE

DIGEST = "0f3a" * 16
LONGEST = 63


@pytest.mark.parametrize("name", ["reviews", "a", "Reviews-2", "a--b", "x" * LONGEST])
def test_a_name_that_sagemaker_takes(name: str) -> None:
    assert require_name(name) == name


@pytest.mark.parametrize("name", ["", "my_reviews", "-a", "a-", "a.b", "x" * 64, "réviews"])
def test_any_other_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="is no name for SageMaker"):
        require_name(name)


@pytest.mark.parametrize("stem", ["reviews", "x" * LONGEST, f"{'x' * 38}-{'y' * 20}"])
def test_what_is_new_has_a_name_of_its_stem_its_model_and_the_time(stem: str) -> None:
    name = new_name(stem, DIGEST)
    assert require_name(name)
    assert re.fullmatch(rf"{name_part(stem)}0f3a0f3a-\d{{14}}", name)
    assert stem.startswith(name_part(stem).rstrip("-"))


def make(account: Account, name: str, made_for: str) -> tuple[str, str]:
    made = account.control.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={}, Tags=tags(made_for, "sentiment@1", DIGEST)
    )
    assert ACCOUNT in made["ModelArn"]
    return name, made["ModelArn"]


def test_ours_is_what_has_such_a_name_and_bears_the_tag(account: Account, endpoint: str) -> None:
    ours = make(account, new_name(endpoint, DIGEST), f"endpoint/{endpoint}")
    others = [
        make(account, f"{endpoint}-0f3a0f3a-20260101000000", f"endpoint/{endpoint}-2"),
        make(account, f"{endpoint}-by-hand", f"endpoint/{endpoint}"),
        make(account, new_name(f"{endpoint}-2", DIGEST), f"endpoint/{endpoint}-2"),
        make(account, new_name(f"my-{endpoint}", DIGEST), f"endpoint/{endpoint}"),
    ]
    assert list(made_for_endpoint(account, endpoint, [*others, ours])) == [ours[0]]
