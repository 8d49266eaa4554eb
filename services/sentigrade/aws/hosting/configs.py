"""Configurations of endpoints: a model of SageMaker's, and on what it runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sentigrade.aws.hosting.account import Account, explained
from sentigrade.aws.hosting.missing import missing_ignored, once_found
from sentigrade.aws.hosting.naming import made_for_endpoint, name_part
from sentigrade.aws.hosting.wanted import Capacity, Serverless, variant
from sentigrade.errors import AwsError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import TagTypeDef


def create_config(account: Account, name: str, capacity: Capacity, tags: "Sequence[TagTypeDef]") -> None:
    """Create a configuration that runs the model of the same name."""
    with explained(f"the configuration {name}"):
        once_found(
            lambda: account.control.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[variant(name, capacity)], Tags=tags
            )
        )


def model_of(account: Account, name: str, capacity: Capacity) -> str | None:
    """Return the one model that a configuration runs on this capacity; None where it does not, or is gone.

    Raises AwsError where SageMaker does not lead from the one to the other, and back.
    """
    with explained(f"the configuration {name}"), missing_ignored():
        there, *others = account.control.describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"]
        _require_same_kind(name, there, capacity)
        model = there.get("ModelName")
        if model and not others and _holds(there, variant(model, capacity)):
            return model
    return None


def delete_config(account: Account, name: str) -> None:
    """Delete a configuration; one that is gone is none to delete."""
    with explained(f"the configuration {name}"), missing_ignored():
        account.control.describe_endpoint_config(EndpointConfigName=name)
        account.control.delete_endpoint_config(EndpointConfigName=name)


def list_configs(account: Account, endpoint: str) -> Iterator[str]:
    """Give the names of all configurations that were made for an endpoint."""
    with explained("the list of configurations"):
        pages = account.control.get_paginator("list_endpoint_configs").paginate(NameContains=name_part(endpoint))
        configs = [config for page in pages for config in page["EndpointConfigs"]]
    found = [(config["EndpointConfigName"], config["EndpointConfigArn"]) for config in configs]
    return made_for_endpoint(account, endpoint, found)


def _require_same_kind(name: str, there: Mapping[str, Any], capacity: Capacity) -> None:
    is_serverless = "ServerlessConfig" in there
    if is_serverless != isinstance(capacity, Serverless):
        kind = "serverless" if is_serverless else "of instances"
        raise AwsError(
            f"the configuration {name} is {kind}, and SageMaker leads from one kind to the other only once or never: "
            "choose another name, or delete the endpoint with `sentigrade deploy remove` before"
        )


def _holds(there: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Whether all that is expected is there; AWS may add what was left to it."""
    return all(
        _holds(there.get(key, {}), value) if isinstance(value, Mapping) else there.get(key) == value
        for key, value in expected.items()
    )
