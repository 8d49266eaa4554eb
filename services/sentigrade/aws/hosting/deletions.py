"""How each thing that was made is deleted."""

from functools import partial

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.archives import delete_archive
from sentigrade.aws.hosting.configs import delete_config
from sentigrade.aws.hosting.endpoints import delete_endpoint
from sentigrade.aws.hosting.models import delete_model
from sentigrade.aws.hosting.undoing import Step
from sentigrade.aws.hosting.waiting import Say


def archive_deletion(address: str) -> Step:
    """Delete the archive of a model."""
    return Step(partial(delete_archive, address), f"aws s3 rm {address}")


def model_deletion(account: Account, name: str) -> Step:
    """Delete a model of SageMaker's."""
    command = f"aws sagemaker delete-model --region {account.region} --model-name {name}"
    return Step(partial(delete_model, account, name), command)


def config_deletion(account: Account, name: str) -> Step:
    """Delete a configuration."""
    command = f"aws sagemaker delete-endpoint-config --region {account.region} --endpoint-config-name {name}"
    return Step(partial(delete_config, account, name), command)


def endpoint_deletion(account: Account, name: str, say: Say) -> Step:
    """Delete an endpoint and wait until it is gone."""
    command = f"aws sagemaker delete-endpoint --region {account.region} --endpoint-name {name}"
    return Step(partial(delete_endpoint, account, name, say), command)
