"""What a deployment leaves when it fails, is interrupted, or meets what others have made."""

from pathlib import Path

import pytest

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.deploying import deploy
from sentigrade.aws.hosting.endpoints import find_endpoint
from sentigrade.aws.hosting.packing import pack
from sentigrade.aws.hosting.wanted import Capacity, Serverless
from sentigrade.errors import AwsError, AwsUnreachable, StoreError
from sentigrade.store.opening import open_store
from tests.aws.hosting.wanting import (
    ALONE,
    BUCKET_ADDRESS,
    SMALL,
    asked_once,
    config_of,
    counts,
    deployed,
    interrupting,
    unsaid,
    version_at,
    wanted,
)
from tests.aws.simulated.plan import Refusal
from tests.aws_server import AwsServer

NO_CAPACITY = "There is no capacity of ml.c5.large at this time"
ON_DEMAND = Serverless(2048, 5)
# What the container is told by whoever wants it to serve another model, the default one.
OTHER_MODEL = {**ALONE, "SENTIGRADE_MODELS": "sentiment"}
# With these, the container refuses any question.
NO_ROOM = {**ALONE, "SENTIGRADE_MAX_BODY_BYTES": "10"}


def test_of_a_new_endpoint_that_fails_nothing_is_left(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    aws.tell(failures=[NO_CAPACITY])
    with pytest.raises(AwsError) as error:
        deploy(account, wanted(endpoint, two_versions), unsaid)
    assert str(error.value) == (
        f"the endpoint {endpoint} does not come into service: {NO_CAPACITY}; "
        f"see the log group /aws/sagemaker/Endpoints/{endpoint}; all that was made for it is deleted again"
    )
    assert find_endpoint(account, endpoint) is None
    assert counts(account, endpoint) == (0, 0, 0)


def test_a_damaged_archive_is_not_served_and_not_kept(
    account: Account, endpoint: str, two_versions: Path, tmp_path: Path
) -> None:
    deployment = wanted(endpoint, two_versions)
    pack(deployment.model, tmp_path / "packed")
    damaged = bytes((tmp_path / "packed").stat().st_size)
    objects = open_store(BUCKET_ADDRESS)
    objects.write(f"{endpoint}/{deployment.model.digest}/model.tar.gz", damaged, over=None)
    with pytest.raises(AwsError, match="does not come into service: .* did not pass the ping health check"):
        deploy(account, deployment, unsaid)
    assert deployed(account, deployment).changed


def test_a_quota_is_said_before_anything_has_begun(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    said = "The account-level service limit 'ml.c5.large for endpoint usage' is 0 Instances."
    aws.tell(refusals=[Refusal("CreateEndpoint", "ResourceLimitExceeded", said)])
    with pytest.raises(AwsError, match="is 0 Instances; raise that quota in Service Quotas, .* is deleted again"):
        deploy(account, wanted(endpoint, two_versions), unsaid)
    assert counts(account, endpoint) == (0, 0, 0)


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (OTHER_MODEL, "answers sentiment@3, not sentiment@2: see what --env tells .*; it answers as before"),
        (NO_ROOM, "the container at the endpoint .* fails with status 413; see .*; it answers as before"),
    ],
)
def test_an_endpoint_whose_new_model_does_not_answer_goes_back(
    environment: dict[str, str], reason: str, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    before = config_of(account, endpoint)
    with pytest.raises(AwsError, match=reason):
        deploy(account, wanted(endpoint, two_versions, 2, environment=environment), unsaid)
    assert config_of(account, endpoint) == before
    assert version_at(account, endpoint) == 1
    assert counts(account, endpoint) == (1, 1, 1)


def test_an_update_that_fails_leaves_what_was(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    before = config_of(account, endpoint)
    aws.tell(failures=[NO_CAPACITY])
    with pytest.raises(AwsError, match=f"{NO_CAPACITY}; see the log group .*; it answers as before"):
        deploy(account, wanted(endpoint, two_versions, 2), unsaid)
    assert config_of(account, endpoint) == before
    assert counts(account, endpoint) == (1, 1, 1)


def test_what_cannot_be_taken_back_is_named_with_the_commands(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    before = config_of(account, endpoint)
    aws.tell(refusals=[Refusal("UpdateEndpoint", "ValidationException", "No.", after=1)])
    with pytest.raises(AwsError, match="not all of it could be taken back") as error:
        deploy(account, wanted(endpoint, two_versions, 2, environment=OTHER_MODEL), unsaid)
    commands = [line.split()[2] for line in str(error.value).splitlines()[1:]]
    assert commands == ["update-endpoint", "delete-endpoint-config", "delete-model", "rm"]
    assert f"--endpoint-config-name {before}" in str(error.value)
    assert counts(account, endpoint) == (2, 2, 2)


def test_who_was_interrupted_goes_on_with_the_same_call(account: Account, endpoint: str, two_versions: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        deploy(account, wanted(endpoint, two_versions), interrupting("Creating"))
    begun = find_endpoint(account, endpoint)
    assert begun
    assert not deployed(account, wanted(endpoint, two_versions)).changed
    assert config_of(account, endpoint) == begun.config


def test_what_an_interrupted_run_has_left_goes_with_the_next(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    with pytest.raises(KeyboardInterrupt):
        deploy(account, wanted(endpoint, two_versions, 2), interrupting("Updating"))
    assert counts(account, endpoint) == (2, 2, 2)
    assert deployed(account, wanted(endpoint, two_versions)).changed
    assert version_at(account, endpoint) == 1
    assert counts(account, endpoint) == (1, 1, 1)


def test_an_endpoint_that_failed_while_nobody_waited_is_made_again(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    aws.tell(failures=[NO_CAPACITY])
    with pytest.raises(KeyboardInterrupt):
        deploy(account, wanted(endpoint, two_versions), interrupting("Creating"))
    lines: list[str] = []
    assert deploy(account, wanted(endpoint, two_versions), lines.append).left is None
    assert f"{endpoint}: Failed ({NO_CAPACITY}), so it is deleted and made again" in lines
    assert version_at(account, endpoint) == 1
    assert counts(account, endpoint) == (1, 1, 1)


@pytest.mark.parametrize("operation", ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"])
def test_where_the_answer_is_lost_nothing_is_left(
    operation: str, aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    """Asked once more, AWS says that it is there already."""
    aws.tell(refusals=[Refusal(operation, "InternalFailure", "Lost.", status=500, done=True)])
    with pytest.raises(AwsError, match="Cannot create already existing .*; all that was made for it is deleted again"):
        deploy(account, wanted(endpoint, two_versions), unsaid)
    assert find_endpoint(account, endpoint) is None
    assert counts(account, endpoint) == (0, 0, 0)


def test_a_model_that_stopped_answering_stays_and_it_is_said_what_to_do(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    aws.tell(refusals=[Refusal("InvokeEndpoint", "ModelError", "Out of memory", status=424)])
    with pytest.raises(AwsError, match=f"it was there already, so it stays: .*`sentigrade deploy remove {endpoint}`"):
        deploy(account, wanted(endpoint, two_versions), unsaid)
    assert counts(account, endpoint) == (1, 1, 1)


@pytest.mark.parametrize(("first", "then"), [(SMALL, ON_DEMAND), (ON_DEMAND, SMALL)])
def test_from_one_kind_to_the_other_there_is_no_way_back_so_it_is_not_gone(
    first: Capacity, then: Capacity, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions, capacity=first))
    before = config_of(account, endpoint)
    with pytest.raises(AwsError, match="SageMaker leads from one kind to the other only once or never: choose another"):
        deploy(account, wanted(endpoint, two_versions, 2, capacity=then), unsaid)
    assert config_of(account, endpoint) == before
    assert counts(account, endpoint) == (1, 1, 1)


def test_an_endpoint_of_somebody_else_is_left_alone(account: Account, endpoint: str, two_versions: Path) -> None:
    other = f"{endpoint}-theirs"
    deployed(account, wanted(endpoint, two_versions))
    account.control.create_endpoint(EndpointName=other, EndpointConfigName=config_of(account, endpoint))
    with pytest.raises(AwsError, match="was not made by this command, and is left alone: choose another name"):
        deploy(account, wanted(other, two_versions), unsaid)
    assert counts(account, other) == (0, 0, 0)


def test_without_a_bucket_nothing_is_made(account: Account, endpoint: str, two_versions: Path) -> None:
    with pytest.raises(StoreError, match="store s3://no-such-bucket"):
        deploy(account, wanted(endpoint, two_versions)._replace(bucket="s3://no-such-bucket"), unsaid)
    assert counts(account, endpoint) == (0, 0, 0)


def test_while_aws_has_too_much_to_do_nothing_is_taken_back(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    """What is there already is used by the same call later, which must not find half of it deleted."""
    aws.tell(refusals=[Refusal("InvokeEndpoint", "ServiceUnavailable", "Busy.", status=503, times=99)])
    hasty = account._replace(runtime=asked_once())
    with pytest.raises(AwsUnreachable, match="AWS cannot do it now"):
        deploy(hasty, wanted(endpoint, two_versions), unsaid)
    aws.tell()
    assert not deployed(account, wanted(endpoint, two_versions)).changed


def test_an_endpoint_that_is_not_what_it_was_is_not_taken_apart(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    """AWS may leave one with a part of each: then neither is deleted, and the way back is said."""
    deployed(account, wanted(endpoint, two_versions))
    aws.tell(failures=[NO_CAPACITY], left_as="UpdateRollbackFailed")
    with pytest.raises(AwsError, match="not all of it could be taken back") as error:
        deploy(account, wanted(endpoint, two_versions, 2), unsaid)
    assert "aws sagemaker update-endpoint" in str(error.value)
    assert counts(account, endpoint) == (2, 2, 2)
