"""What is to run on SageMaker: a model in our image, and on what."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sentigrade.errors import SettingError
from sentigrade.settings import environment_name

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ContainerDefinitionTypeDef, ProductionVariantTypeDef

_VARIANT = "all"

_IMAGE = re.compile(
    r"\d{12}\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}"
)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_INSTANCE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
# Where SageMaker unpacks a model.
_UNPACKED = "/opt/ml/model"


@dataclass(frozen=True)
class Serverless:
    """A container for each request at once, up to `concurrency`, that is there only while there are requests.

    Raises SettingError for a memory between two sizes.
    """

    memory_mb: int
    concurrency: int

    def __post_init__(self) -> None:
        if self.memory_mb % 1024:
            raise SettingError(f"--memory {self.memory_mb} is between two sizes: give a multiple of 1024")

    def __str__(self) -> str:
        return f"serverless, {self.memory_mb} MB, {self.concurrency} at once"


@dataclass(frozen=True)
class Instances:
    """So many machines of a type, for as long as the endpoint is there; raises SettingError for what is no type."""

    type: Any  # a string; the stubs know a list of them, to which AWS adds
    number: int

    def __post_init__(self) -> None:
        if not _INSTANCE.fullmatch(self.type):
            raise SettingError(f"{self.type!r} is no instance type of SageMaker: give one such as ml.c7i.large")

    def __str__(self) -> str:
        return f"{self.number} x {self.type}"


Capacity = Serverless | Instances


class Runtime(NamedTuple):
    """The image, the role that its container has, and what its environment says beside the model."""

    image: str
    role: str
    environment: Mapping[str, str]

    def require_usable(self, region: str) -> None:
        """Raise SettingError for what SageMaker would refuse after minutes, or could change behind our backs."""
        named = _IMAGE.fullmatch(self.image)
        if not named:
            raise SettingError(
                f"{self.image!r} is no pinned image in ECR: give --image ACCOUNT.dkr.ecr.REGION.amazonaws.com/"
                "NAME@sha256:DIGEST, as deploy/registry/push prints it"
            )
        if named["region"] != region:
            raise SettingError(
                f"the image is in {named['region']} and the endpoint would be in {region}: push it there, too"
            )
        require_role(self.role)

    def container(self, archive: str, digest: str, capacity: Capacity) -> "ContainerDefinitionTypeDef":
        """Return what SageMaker starts: only the model with this digest is opened in it, whatever the archive holds."""
        own = {environment_name("models"): f"{_UNPACKED}#sha256:{digest}"}
        if isinstance(capacity, Serverless):  # as AWS recommends: each container answers one request at a time
            own[environment_name("workers")] = "1"
        return {"Image": self.image, "ModelDataUrl": archive, "Environment": own | dict(self.environment)}


def require_role(role: str) -> None:
    """Raise SettingError for what is not the ARN of a role."""
    if not _ROLE.fullmatch(role):
        raise SettingError(f"{role!r} is no role: give --role arn:aws:iam::ACCOUNT:role/NAME")


def is_isolated(capacity: Capacity) -> bool:
    """Whether the container is kept from the network, which it does not need; serverless endpoints cannot do that."""
    return not isinstance(capacity, Serverless)


def variant(model: str, capacity: Capacity) -> "ProductionVariantTypeDef":
    """Return how an endpoint runs a model of SageMaker."""
    named: ProductionVariantTypeDef = {"VariantName": _VARIANT, "ModelName": model}
    if isinstance(capacity, Serverless):
        return {
            **named,
            "ServerlessConfig": {"MemorySizeInMB": capacity.memory_mb, "MaxConcurrency": capacity.concurrency},
        }
    return {**named, "InstanceType": capacity.type, "InitialInstanceCount": capacity.number}


def parse_environment(given: Sequence[str]) -> dict[str, str]:
    """Return the variables of `NAME=VALUE` each; raises SettingError for what is none, and for the model's own."""
    variables = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not _VARIABLE.fullmatch(name):
            raise SettingError(f"--env {pair.partition('=')[0]!r} is no variable: write NAME=VALUE")
        if name == environment_name("models"):
            raise SettingError(f"--env {name} is what --model says: leave it out")
        variables[name] = value
    return variables
