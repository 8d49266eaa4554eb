from pathlib import Path

import pytest

from sentigrade.aws.hosting.account import Account, open_account
from sentigrade.aws.hosting.configs import delete_config
from sentigrade.aws.hosting.deploying import deploy
from sentigrade.aws.hosting.endpoints import delete_endpoint, find_endpoint
from sentigrade.aws.hosting.models import delete_model
from sentigrade.aws.hosting.removing import find_removal, remove
from sentigrade.errors import AwsError
from sentigrade.store.opening import open_store
from tests.aws.hosting.asked import noted
from tests.aws.hosting.wanting import BUCKET_ADDRESS, config_of, counts, deployed, interrupting, unsaid, wanted
from tests.aws.simulated.plan import Refusal
from tests.aws_server import ROLE, AwsServer


def test_all_that_was_made_goes_and_nothing_else(account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions))
    account.control.create_model(ModelName=f"{endpoint}-theirs", ExecutionRoleArn=ROLE, PrimaryContainer={})
    open_store(BUCKET_ADDRESS).write(f"{endpoint}/theirs.txt", b"...", over=None)
    removal = find_removal(account, endpoint, unsaid)
    name = config_of(account, endpoint)
    assert [line.split() for line in removal.lines()] == [
        ["endpoint", endpoint],
        ["configuration", name],
        ["archive", *removal.belongings.archives],
        ["model", name],
    ]
    remove(account, removal, unsaid)
    assert find_endpoint(account, endpoint) is None
    assert counts(account, endpoint) == (0, 0, 0)
    assert account.control.describe_model(ModelName=f"{endpoint}-theirs")
    assert open_store(BUCKET_ADDRESS).find(f"{endpoint}/theirs.txt")


def test_where_there_is_nothing_that_is_said(account: Account, endpoint: str) -> None:
    with pytest.raises(AwsError, match=f"there is no endpoint {endpoint} in us-east-1, nor anything that was made"):
        find_removal(account, endpoint, unsaid)


def test_an_endpoint_of_somebody_else_stays(account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions))
    other = f"{endpoint}-theirs"
    account.control.create_endpoint(EndpointName=other, EndpointConfigName=config_of(account, endpoint))
    with pytest.raises(AwsError, match="was not made by this command, and is left alone"):
        find_removal(account, other, unsaid)
    assert find_endpoint(account, other)


def test_one_that_is_being_made_is_waited_for(account: Account, endpoint: str, two_versions: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        deploy(account, wanted(endpoint, two_versions), interrupting("Creating"))
    remove(account, find_removal(account, endpoint, unsaid), unsaid)
    assert counts(account, endpoint) == (0, 0, 0)


def test_what_is_left_of_one_that_somebody_deleted_goes_too(
    account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    account.control.delete_endpoint(EndpointName=endpoint)
    removal = find_removal(account, endpoint, unsaid)
    assert not removal.is_there
    remove(account, removal, unsaid)
    assert counts(account, endpoint) == (0, 0, 0)


def test_killed_between_archive_and_model_it_goes_on(account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions))
    steps = find_removal(account, endpoint, unsaid).belongings.deletions(account)
    for step in reversed(steps[1:]):
        step.undo()
    assert counts(account, endpoint) == (0, 1, 0)
    remove(account, find_removal(account, endpoint, unsaid), unsaid)
    assert counts(account, endpoint) == (0, 0, 0)


def test_what_is_gone_is_not_asked_to_be_deleted(aws: AwsServer) -> None:
    """Who may delete by the tag alone would be refused."""
    with noted() as asked:
        account = open_account()
        delete_model(account, "gone")
        delete_config(account, "gone")
        delete_endpoint(account, "gone", unsaid)
    assert [request.action for request in asked] == [
        "sagemaker:DescribeModel",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeEndpoint",
    ]


def test_what_may_not_be_deleted_is_named_with_the_commands(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    removal = find_removal(account, endpoint, unsaid)
    aws.tell(refusals=[Refusal("DeleteEndpointConfig", "AccessDeniedException", "No")])
    with pytest.raises(AwsError, match="may not sagemaker:DeleteEndpointConfig") as error:
        remove(account, removal, unsaid)
    assert [line.split()[2] for line in str(error.value).splitlines()[1:]] == [
        "delete-endpoint-config",
        "rm",
        "delete-model",
    ]
