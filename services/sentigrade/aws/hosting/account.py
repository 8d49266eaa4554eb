"""SageMaker in one region of an account, and what it says when it refuses.

Credentials come from boto3's default chain alone, as those of a store in S3 do.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import boto3
from boto3.exceptions import Boto3Error
from botocore import exceptions as aws
from botocore.config import Config

from sentigrade.aws_errors import UNREACHABLE, code_of, may_pass, status_of
from sentigrade.errors import AwsError, AwsUnreachable, SettingError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

# botocore repeats what was throttled, after pauses at random that grow up to 20 seconds, and what broke or is 5xx after
# shorter ones: whoever waits for an endpoint for minutes has that time.
_PATIENCE = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 8})
# The first answer of a serverless endpoint waits for its container; SageMaker itself gives up after 60 seconds.
_FIRST_ANSWER = _PATIENCE.merge(Config(read_timeout=70))

_DENIED_CODE = re.compile("AccessDenied|UnauthorizedOperation")
_STRANGER_CODE = re.compile("ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|IncompleteSignature")
_QUOTA_CODE = re.compile("ResourceLimitExceeded|LimitExceeded|ServiceQuota")
_DENIED_ACTION = re.compile(r"perform: ([a-z0-9-]+:[A-Za-z]+)")
_ROLE = re.compile(r"\brole\b", re.IGNORECASE)
_POLICY = "attach the policy Deployer of deploy/sagemaker/roles.yaml"


class Account(NamedTuple):
    """SageMaker in one region: `control` makes, shows and deletes, `runtime` asks endpoints."""

    region: str
    control: "SageMakerClient"
    runtime: "SageMakerRuntimeClient"


def open_account(region: str | None = None) -> Account:
    """Return SageMaker in a region, else in that of the environment; raises SettingError where there is none.

    Nothing is asked yet.
    """
    with explained("SageMaker"):
        session = boto3.Session(region_name=region)
        if session.region_name is None:
            raise SettingError("no AWS region is given: add --region, such as eu-west-1, or set AWS_DEFAULT_REGION")
        return Account(
            session.region_name,
            session.client("sagemaker", config=_PATIENCE),
            session.client("sagemaker-runtime", config=_FIRST_ANSWER),
        )


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn boto3's errors into ours, which begin with what they are about, such as `the endpoint reviews`.

    Raises AwsUnreachable where trying again may help, AwsError otherwise.
    """
    try:
        yield
    except aws.ClientError as error:
        raise _refusal(what, error) from error
    except aws.NoCredentialsError as error:
        raise AwsUnreachable(
            f"{what}: there are no AWS credentials: sign in, or set AWS_PROFILE or AWS_ACCESS_KEY_ID"
        ) from error
    except UNREACHABLE as error:
        raise AwsUnreachable(f"{what}: AWS cannot be reached: {_sentence(error)}") from error
    except (aws.BotoCoreError, Boto3Error, ValueError) as error:  # botocore's parsers raise ValueError too
        raise AwsError(f"{what}: {_sentence(error)}; check what was asked for and the AWS credentials") from error


def _refusal(what: str, error: aws.ClientError) -> AwsError:
    code, said = code_of(error), _message(error)
    if may_pass(status_of(error), code):
        return AwsUnreachable(f"{what}: AWS cannot do it now ({code}: {said})")
    if _DENIED_CODE.match(code):
        return AwsError(f"{what}: these credentials may not {_action(error)}: {_POLICY}")
    if _STRANGER_CODE.match(code):
        return AwsError(f"{what}: AWS does not take these credentials ({code}): sign in again")
    if _QUOTA_CODE.match(code):
        return AwsError(
            f"{what}: {said}; raise that quota in Service Quotas, or ask for less (--instance, --count, --concurrency)"
        )
    if _ROLE.search(said):
        return AwsError(f"{what}: {said}; make the role with deploy/sagemaker/roles.yaml")
    return AwsError(f"{what}: {error.operation_name} was refused: {said}")


def _action(error: aws.ClientError) -> str:
    """Return the action that was denied: AWS names it, since it may be another than what was called."""
    named = _DENIED_ACTION.search(_message(error))
    return named[1] if named else f"sagemaker:{error.operation_name}"


def _message(error: aws.ClientError) -> str:
    return error.response.get("Error", {}).get("Message", "").strip().rstrip(".")


def _sentence(error: Exception) -> str:
    return str(error).strip().rstrip(".")
