"""An endpoint itself: looked at, made, given another configuration, deleted."""

from collections.abc import Sequence
from time import sleep
from typing import TYPE_CHECKING, NamedTuple

from sentigrade.aws.hosting.account import Account, explained
from sentigrade.aws.hosting.missing import missing_ignored, once_found
from sentigrade.aws.hosting.naming import is_made_for
from sentigrade.aws.hosting.waiting import Say, wait
from sentigrade.errors import AwsError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import TagTypeDef

IN_SERVICE = "InService"
FAILED = "Failed"
# SageMaker is at work, and refuses any change.
_UNDER_WAY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
# It gives up by itself after about as long.
_AT_MOST_SECONDS = 3600
_LOOKS, _PAUSE = 5, 2.0
_AGAIN = "the same command goes on waiting"


class Endpoint(NamedTuple):
    """An endpoint as it is: its status, its configuration, and why it failed, if it did."""

    name: str
    arn: str
    status: str
    config: str
    reason: str


def find_endpoint(account: Account, name: str) -> Endpoint | None:
    """Return an endpoint as it is at this moment; None where there is none."""
    with explained(f"the endpoint {name}"), missing_ignored():
        there = account.control.describe_endpoint(EndpointName=name)
        config, reason = there.get("EndpointConfigName", ""), there.get("FailureReason", "").rstrip(".")
        return Endpoint(name, there["EndpointArn"], there["EndpointStatus"], config, reason)
    return None


def settled(account: Account, name: str, say: Say) -> Endpoint | None:
    """Return an endpoint once nothing is under way with it; None where there is none, or none any more.

    Raises AwsUnreachable when that takes more than an hour.
    """
    found: Endpoint | None = None

    def look() -> str | None:
        nonlocal found
        found = find_endpoint(account, name)
        return found and found.status

    wait(look, what=name, while_=_UNDER_WAY, say=say, at_most=_AT_MOST_SECONDS, again=_AGAIN)
    return found


def come_to(account: Account, name: str, config: str, say: Say) -> Endpoint | None:
    """Return an endpoint once it has come to a configuration, or to another end.

    What was begun a moment ago may not be seen yet: what is at rest as before is looked at some times more.
    """
    found = settled(account, name, say)
    for _ in range(_LOOKS):
        if found and (found.config == config or found.status != IN_SERVICE or found.reason):
            break
        sleep(_PAUSE)
        found = settled(account, name, say)
    return found


def require_ours(account: Account, endpoint: Endpoint) -> None:
    """Raise AwsError for an endpoint that somebody else has made."""
    if not is_made_for(account, endpoint.arn, endpoint.name):
        raise AwsError(
            f"the endpoint {endpoint.name} was not made by this command, and is left alone: choose another name"
        )


def create_endpoint(account: Account, name: str, config: str, tags: "Sequence[TagTypeDef]") -> None:
    """Begin to make an endpoint."""
    with explained(f"the endpoint {name}"):
        once_found(lambda: account.control.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=tags))


def update_endpoint(account: Account, name: str, config: str) -> None:
    """Begin to move an endpoint to another configuration; until that answers, the one before does."""
    with explained(f"the endpoint {name}"):
        once_found(lambda: account.control.update_endpoint(EndpointName=name, EndpointConfigName=config))


def delete_endpoint(account: Account, name: str, say: Say) -> None:
    """Delete an endpoint, once nothing is under way with it, and wait until it is gone.

    One that is gone is none to delete.
    """
    if settled(account, name, say):
        with explained(f"the endpoint {name}"), missing_ignored():
            account.control.delete_endpoint(EndpointName=name)
        settled(account, name, say)


def log_of(name: str) -> str:
    """Say where the log of an endpoint's containers is, also when that is gone."""
    return f"the log group /aws/sagemaker/Endpoints/{name}"
