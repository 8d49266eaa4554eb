"""A model comes to an endpoint, or everything is as it was: against SageMaker's own answers and real containers."""

import re
from pathlib import Path

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.archives import Archives
from sentigrade.aws.hosting.deploying import Outcome, deploy
from sentigrade.aws.hosting.wanted import Serverless
from tests.aws.hosting.wanting import ALONE, BUCKET_ADDRESS, config_of, counts, deployed, unsaid, version_at, wanted
from tests.aws.simulated.plan import Refusal
from tests.aws_server import IMAGE, ROLE, AwsServer

OTHER_IMAGE = IMAGE.replace("0" * 64, "1" * 64)


def test_a_new_endpoint_answers_with_the_model(account: Account, endpoint: str, two_versions: Path) -> None:
    lines: list[str] = []
    deployment = wanted(endpoint, two_versions)
    assert deploy(account, deployment, lines.append) == Outcome(changed=True, left=None)
    assert lines[0] == f"{endpoint}: Creating"
    assert re.fullmatch(rf"{endpoint}: InService after \d+ s", lines[-1])
    assert version_at(account, endpoint) == 1
    assert counts(account, endpoint) == (1, 1, 1)


def test_what_is_made_has_a_name_and_tags_that_say_what_for(
    account: Account, endpoint: str, two_versions: Path
) -> None:
    deployment = wanted(endpoint, two_versions)
    deployed(account, deployment)
    name = config_of(account, endpoint)
    assert re.fullmatch(rf"{endpoint}-{deployment.model.digest[:8]}-\d{{14}}", name)
    control = account.control
    arns = (
        control.describe_endpoint(EndpointName=endpoint)["EndpointArn"],
        control.describe_endpoint_config(EndpointConfigName=name)["EndpointConfigArn"],
        control.describe_model(ModelName=name)["ModelArn"],
    )
    for arn in arns:
        assert {tag["Key"]: tag["Value"] for tag in control.list_tags(ResourceArn=arn)["Tags"]} == {
            "sentigrade:for": f"endpoint/{endpoint}",
            "sentigrade:model": "sentiment@1",
            "sentigrade:digest": deployment.model.digest,
        }


def test_the_container_opens_nothing_but_this_model_and_has_no_network(
    account: Account, endpoint: str, two_versions: Path
) -> None:
    deployment = wanted(endpoint, two_versions)
    deployed(account, deployment)
    model = account.control.describe_model(ModelName=config_of(account, endpoint))
    digest = deployment.model.digest
    assert model["PrimaryContainer"] == {
        "Image": IMAGE,
        "ModelDataUrl": f"{BUCKET_ADDRESS}/{endpoint}/{digest}/model.tar.gz",
        "Environment": {**ALONE, "SENTIGRADE_MODELS": f"/opt/ml/model#sha256:{digest}"},
    }
    assert (model["ExecutionRoleArn"], model["EnableNetworkIsolation"]) == (ROLE, True)


def test_a_serverless_endpoint_has_one_worker_a_container(account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions, capacity=Serverless(2048, 5), environment={}))
    assert version_at(account, endpoint) == 1
    name = config_of(account, endpoint)
    (variant,) = account.control.describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    model = account.control.describe_model(ModelName=name)
    assert model["EnableNetworkIsolation"] is False
    assert model["PrimaryContainer"]["Environment"]["SENTIGRADE_WORKERS"] == "1"


def test_the_same_again_changes_nothing(account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions))
    before = config_of(account, endpoint)
    assert deployed(account, wanted(endpoint, two_versions)) == Outcome(changed=False, left=None)
    assert config_of(account, endpoint) == before


def test_another_version_takes_the_place_of_the_one_before(account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions))
    assert deployed(account, wanted(endpoint, two_versions, 2)).changed
    assert version_at(account, endpoint) == 2
    assert counts(account, endpoint) == (1, 1, 1)


def test_another_image_needs_no_other_archive(account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions))
    (archive,) = Archives(BUCKET_ADDRESS, endpoint).list()
    assert deployed(account, wanted(endpoint, two_versions, image=OTHER_IMAGE)).changed
    assert list(Archives(BUCKET_ADDRESS, endpoint).list()) == [archive]
    model = account.control.describe_model(ModelName=config_of(account, endpoint))
    assert model["PrimaryContainer"]["Image"] == OTHER_IMAGE


def test_what_is_not_found_or_not_ready_at_once_and_what_is_throttled_is_asked_for_again(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    aws.tell(
        refusals=[
            Refusal("CreateEndpoint", "ValidationException", "Could not find endpoint configuration."),
            Refusal("CreateModel", "ThrottlingException", "Rate exceeded", times=2),
            Refusal("InvokeEndpoint", "ModelNotReadyException", "Not yet", status=429, times=2),
        ]
    )
    assert deployed(account, wanted(endpoint, two_versions)).changed


def test_what_has_begun_but_is_not_seen_yet_is_waited_for(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    for version in (1, 2):
        aws.tell(behind=2)
        assert deployed(account, wanted(endpoint, two_versions, version)).changed
        assert version_at(account, endpoint) == version
        assert counts(account, endpoint) == (1, 1, 1)


def test_what_is_under_way_is_waited_for(aws: AwsServer, account: Account, endpoint: str, two_versions: Path) -> None:
    deployed(account, wanted(endpoint, two_versions))
    before = config_of(account, endpoint)
    aws.tell(looks=2)
    account.control.update_endpoint(EndpointName=endpoint, EndpointConfigName=before)
    lines: list[str] = []
    assert deploy(account, wanted(endpoint, two_versions, 2), lines.append).changed
    assert [line for line in lines if "after" not in line] == [f"{endpoint}: Updating"] * 2
    assert version_at(account, endpoint) == 2


def test_what_could_not_be_tidied_is_named_with_the_command(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    deployed(account, wanted(endpoint, two_versions))
    before = config_of(account, endpoint)
    aws.tell(refusals=[Refusal("DeleteModel", "AccessDeniedException", "not authorized")])
    outcome = deploy(account, wanted(endpoint, two_versions, 2), unsaid)
    assert outcome.changed
    assert outcome.left
    assert str(outcome.left).splitlines()[:2] == [
        f"the model {before}: these credentials may not sagemaker:DeleteModel: attach the policy Deployer of "
        "deploy/sagemaker/roles.yaml; what is left goes with",
        f"  aws sagemaker delete-model --region us-east-1 --model-name {before}",
    ]
    assert deployed(account, wanted(endpoint, two_versions, 2)) == Outcome(changed=False, left=None)
    assert counts(account, endpoint) == (1, 1, 1)


def test_where_earlier_deployments_cannot_be_looked_for_the_new_one_stays(
    aws: AwsServer, account: Account, endpoint: str, two_versions: Path
) -> None:
    aws.tell(refusals=[Refusal("ListModels", "AccessDeniedException", "No")])
    outcome = deploy(account, wanted(endpoint, two_versions), unsaid)
    assert outcome.changed
    assert str(outcome.left).startswith("earlier deployments were not looked for: the list of models: ")
    assert version_at(account, endpoint) == 1
