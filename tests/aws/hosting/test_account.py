"""What is said when AWS does not do what it is asked for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from sentigrade.aws.hosting.account import Account, explained, open_account
from sentigrade.errors import AwsError, AwsUnreachable, SettingError
from tests.aws.simulated.plan import Refusal
from tests.aws_server import AwsServer
from tests.live import free_port

AT_ONCE = Config(retries={"total_max_attempts": 1})


@contextmanager
def asking(refusal: Refusal, aws: AwsServer) -> Iterator[None]:
    """Ask for a model, and be refused."""
    aws.tell(refusals=[refusal])
    with explained("the model reviews"):
        boto3.client("sagemaker", config=AT_ONCE).describe_model(ModelName="reviews")
    yield


def said(aws: AwsServer, code: str, message: str = "No", status: int = 400) -> AwsError:
    with pytest.raises(AwsError) as error, asking(Refusal("DescribeModel", code, message, status), aws):
        pass
    return error.value


def test_the_region_is_given_or_that_of_the_environment(aws: AwsServer) -> None:
    assert open_account().region == "us-east-1"
    account = open_account("eu-west-1")
    assert (account.region, account.control.meta.region_name) == ("eu-west-1", "eu-west-1")
    assert account.runtime.meta.region_name == "eu-west-1"


def test_without_a_region_nothing_is_asked(aws: AwsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingError, match="no AWS region is given: add --region"):
        open_account()


def test_without_credentials_it_says_how_to_have_some(
    aws: AwsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    control = open_account().control
    with pytest.raises(AwsUnreachable, match="no AWS credentials: sign in"), explained("the model reviews"):
        control.describe_model(ModelName="reviews")


def test_an_aws_that_is_away_may_come_back(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "AWS_ENDPOINT_URL_SAGEMAKER", f"http://127.0.0.1:{free_port()}")
    control = boto3.client("sagemaker", config=AT_ONCE)
    with pytest.raises(AwsUnreachable, match="AWS cannot be reached: Could not conn"), explained("the model reviews"):
        control.describe_model(ModelName="reviews")


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 400), ("InternalFailure", 500), ("ServiceUnavailable", 503)]
)
def test_an_aws_with_too_much_to_do_may_have_less_later(code: str, status: int, aws: AwsServer) -> None:
    error = said(aws, code, "Later.", status)
    assert isinstance(error, AwsUnreachable)
    assert str(error) == f"the model reviews: AWS cannot do it now ({code}: Later)"


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("User: arn:aws:iam::123456789012:user/x is not authorized to perform: iam:PassRole on ...", "iam:PassRole"),
        ("No", "sagemaker:DescribeModel"),
    ],
)
def test_what_is_not_allowed_is_named_with_the_policy_that_allows_it(message: str, action: str, aws: AwsServer) -> None:
    assert str(said(aws, "AccessDeniedException", message)) == (
        f"the model reviews: these credentials may not {action}: "
        "attach the policy Deployer of deploy/sagemaker/roles.yaml"
    )


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("ExpiredTokenException", "Expired", r"does not take these credentials \(ExpiredTokenException\): sign in"),
        ("UnrecognizedClientException", "Invalid", "does not take these credentials .*: sign in again"),
        ("ResourceLimitExceeded", "The limit is 0.", "The limit is 0; raise that quota in Service Quotas"),
        ("ValidationException", "Could not assume role arn:x.", "make the role with deploy/sagemaker/roles.yaml"),
        ("ValidationException", "No parole.", "DescribeModel was refused: No parole$"),
        ("ValidationException", "Odd.", "^the model reviews: DescribeModel was refused: Odd$"),
    ],
)
def test_each_refusal_says_what_to_do(code: str, message: str, advice: str, aws: AwsServer) -> None:
    error = said(aws, code, message)
    assert not isinstance(error, AwsUnreachable)
    with pytest.raises(AwsError, match=advice):
        raise error


def test_what_cannot_even_be_asked_is_explained(account: Account) -> None:
    with pytest.raises(AwsError, match="Parameter validation failed"), explained("the model"):
        account.control.describe_model(ModelName=3)  # type: ignore[arg-type]  # that is what is tested
