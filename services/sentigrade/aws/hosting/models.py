"""Models of SageMaker: an image, the archive of a model, and the role in which it runs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sentigrade.aws.hosting.account import Account, explained
from sentigrade.aws.hosting.missing import missing_ignored
from sentigrade.aws.hosting.naming import made_for_endpoint, name_part
from sentigrade.aws.hosting.wanted import Capacity, Runtime, is_isolated

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import TagTypeDef


class HostedModel(NamedTuple):
    """A model of SageMaker's: a runtime, the address of an archive, the digest of what is in it, and a capacity."""

    runtime: Runtime
    archive: str
    digest: str
    capacity: Capacity

    def create(self, account: Account, name: str, tags: "Sequence[TagTypeDef]") -> None:
        """Create it."""
        with explained(f"the model {name}"):
            account.control.create_model(
                ModelName=name,
                PrimaryContainer=self.runtime.container(self.archive, self.digest, self.capacity),
                ExecutionRoleArn=self.runtime.role,
                EnableNetworkIsolation=is_isolated(self.capacity),
                Tags=tags,
            )

    def is_there(self, account: Account, name: str) -> bool:
        """Whether what has this name runs the same in the same way."""
        container = self.runtime.container(self.archive, self.digest, self.capacity)
        with explained(f"the model {name}"), missing_ignored():
            there = account.control.describe_model(ModelName=name)
            found = there.get("PrimaryContainer", {})
            return (
                all(found.get(key) == value for key, value in container.items())
                and there.get("ExecutionRoleArn") == self.runtime.role
                and there.get("EnableNetworkIsolation", False) == is_isolated(self.capacity)
            )
        return False


def delete_model(account: Account, name: str) -> None:
    """Delete a model of SageMaker's, not its archive; one that is gone is none to delete."""
    with explained(f"the model {name}"), missing_ignored():
        account.control.describe_model(ModelName=name)
        account.control.delete_model(ModelName=name)


def archive_of(account: Account, name: str) -> str | None:
    """Return the address of a model's archive; None where it has none, or is gone."""
    with explained(f"the model {name}"), missing_ignored():
        return account.control.describe_model(ModelName=name).get("PrimaryContainer", {}).get("ModelDataUrl")
    return None


def list_models(account: Account, endpoint: str) -> Iterator[str]:
    """Give the names of all models that were made for an endpoint."""
    with explained("the list of models"):
        pages = account.control.get_paginator("list_models").paginate(NameContains=name_part(endpoint))
        found = [(model["ModelName"], model["ModelArn"]) for page in pages for model in page["Models"]]
    return made_for_endpoint(account, endpoint, found)
