"""What these tests deploy, and what is there then."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.belongings import find_belongings
from sentigrade.aws.hosting.deploying import Deployment, Outcome, deploy
from sentigrade.aws.hosting.endpoints import find_endpoint
from sentigrade.aws.hosting.packing import find_packable
from sentigrade.aws.hosting.wanted import Capacity, Instances, Runtime
from sentigrade.settings import Settings
from tests.aws_server import IMAGE, ROLE
from tests.s3_server import BUCKET

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

BUCKET_ADDRESS = f"s3://{BUCKET}/hosting"
SMALL = Instances("ml.c5.large", 1)
# One worker starts sooner than two.
ALONE = {"SENTIGRADE_WORKERS": "1"}


def wanted(
    endpoint: str,
    store: Path,
    version: int = 1,
    *,
    image: str = IMAGE,
    capacity: Capacity = SMALL,
    environment: Mapping[str, str] = ALONE,
) -> Deployment:
    """Return a version of the small model as it is to be deployed."""
    model = find_packable(f"sentiment@{version}", Settings(store=str(store)))
    return Deployment(endpoint, model, Runtime(image, ROLE, environment), capacity, BUCKET_ADDRESS)


def counts(account: Account, endpoint: str) -> tuple[int, ...]:
    """Return how many configurations, models and archives there are of an endpoint."""
    return tuple(map(len, find_belongings(account, endpoint, [BUCKET_ADDRESS])))


def version_at(account: Account, endpoint: str) -> Any:  # noqa: ANN401 - whatever it says
    """Ask an endpoint, and return the version of the model that answers."""
    answer = account.runtime.invoke_endpoint(
        EndpointName=endpoint, ContentType="application/json", Body=b'{"mytext": "A superb plot."}'
    )
    return json.loads(answer["Body"].read())["version"]


def unsaid(_line: str) -> None:
    """Say nothing of how far things are."""


def interrupting(sign: str) -> Callable[[str], None]:
    """Return what presses Ctrl-C when it is told of this."""

    def say(line: str) -> None:
        if sign in line:
            raise KeyboardInterrupt

    return say


def deployed(account: Account, deployment: Deployment) -> Outcome:
    """Deploy, and leave nothing behind."""
    outcome = deploy(account, deployment, unsaid)
    assert outcome.left is None
    return outcome


def config_of(account: Account, endpoint: str) -> str:
    """Return the configuration of an endpoint that answers."""
    found = find_endpoint(account, endpoint)
    assert found
    assert found.status == "InService"
    return found.config


def asked_once() -> "SageMakerRuntimeClient":
    """Return what asks endpoints, and does not ask again."""
    return boto3.client("sagemaker-runtime", config=Config(retries={"total_max_attempts": 1}))
