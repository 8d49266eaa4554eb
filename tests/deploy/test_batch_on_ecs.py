"""The template that scores a day's files every night, judged without an AWS account."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.batch_lines import WRITES_TO
from tests.deploy.stack_values import Stack
from tests.deploy.test_ecs_service import DOCKERFILES, volumes
from tests.deploy.test_templates import PUBLISHER, READER, Document, TemplateLoader, statements, without_sub
from tests.live import REPOSITORY

ECS = REPOSITORY / "deploy" / "ecs" / "night.yaml"
POLICY = REPOSITORY / "deploy" / "eks" / "batch" / "policy.json"


@pytest.fixture(scope="module")
def resources() -> Document:
    template = yaml.load(ECS.read_text(), TemplateLoader)  # noqa: S506 - a SafeLoader
    return {name: resource["Properties"] for name, resource in template["Resources"].items()}


def test_the_template_is_what_cloudformation_expects() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run([linter, ECS], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_policy_reads_the_source_and_writes_the_sink_by_tls() -> None:
    granted = dict[str, set[str]]()
    for actions, statement in statements(json.loads(POLICY.read_text())):
        assert statement["Effect"] == "Allow"
        assert statement["Condition"]["Bool"] == {"aws:SecureTransport": "true"}
        bucket, _, keys = statement["Resource"].removeprefix("arn:aws:s3:::").partition("/")
        prefixes = statement["Condition"].get("StringLikeIfExists", {"s3:prefix": keys})["s3:prefix"]
        assert prefixes == {"SOURCE-BUCKET": "reviews/*", "SINK-BUCKET": "scored/*"}[bucket]
        assert bool(keys) == (actions != {"s3:ListBucket"})
        granted[bucket] = granted.get(bucket, set()) | actions
    assert granted == {"SOURCE-BUCKET": READER, "SINK-BUCKET": PUBLISHER}


def test_the_role_of_the_task_is_the_same_policy(resources: Document) -> None:
    role = resources["TaskRole"]
    own = [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]
    written = POLICY.read_text().replace("arn:aws:", "arn:${AWS::Partition}:")
    for word, parameter in (("SOURCE", "Source"), ("SINK", "Sink")):
        written = written.replace(f"{word}-BUCKET", f"${{{parameter}Bucket}}")
    written = written.replace("reviews/", "${SourcePrefix}").replace("scored/", "${SinkPrefix}")
    assert without_sub(own) == json.loads(written)["Statement"]
    assert "ManagedPolicyArns" not in role


def test_starting_the_task_takes_one_repository_and_one_log(resources: Document) -> None:
    role = resources["ExecutionRole"]
    (own,) = role["Policies"]
    granted = {action: one["Resource"] for actions, one in statements(own["PolicyDocument"]) for action in actions}
    repository = "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/sentigrade"
    assert without_sub(granted) == {
        "ecr:GetAuthorizationToken": "*",
        **dict.fromkeys(("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"), repository),
        **{action: {"Fn::GetAtt": "Log.Arn"} for action in ("logs:CreateLogStream", "logs:PutLogEvents")},
    }
    assert "ManagedPolicyArns" not in role


@pytest.mark.parametrize("role", ["ExecutionRole", "TaskRole", "NightRole", "ScheduleRole"])
def test_only_what_runs_in_this_account_has_the_roles(resources: Document, role: str) -> None:
    (trust,) = resources[role]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize(
    ("image", "accepted"),
    [
        (f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/sentigrade@sha256:{'0' * 64}", True),
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com/sentigrade:latest", False),
        (f"docker.io/sentigrade@sha256:{'0' * 64}", False),
    ],
)
def test_the_image_is_one_of_the_repository_by_digest(image: str, accepted: bool) -> None:
    assert Stack(ECS).accepts("Image", image) == accepted


def test_the_task_is_the_image_s_own_user_and_writes_to_one_volume_alone(resources: Document) -> None:
    (container,) = resources["Task"]["ContainerDefinitions"]
    (mount,) = container["MountPoints"]
    given = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    assert container["ReadonlyRootFilesystem"] is True
    assert container["User"] == "10001:10001"
    assert container["LinuxParameters"] == {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}}
    assert resources["Task"]["Volumes"] == [{"Name": mount["SourceVolume"]}]
    assert mount["ContainerPath"] in volumes(DOCKERFILES["web"])
    assert {given[name] for name in WRITES_TO} == {mount["ContainerPath"]}


def test_nobody_comes_in_to_the_task(resources: Document) -> None:
    assert "SecurityGroupIngress" not in resources["SecurityGroup"]
    (out,) = resources["SecurityGroup"]["SecurityGroupEgress"]
    assert out["FromPort"] == out["ToPort"] == 443


def test_a_task_that_failed_is_run_again(resources: Document) -> None:
    score = resources["Night"]["Definition"]["States"]["Score"]
    (retry,) = score["Retry"]
    assert score["Resource"].endswith(":ecs:runTask.sync")  # waits for its end, and hears its status
    assert retry["ErrorEquals"] == ["States.TaskFailed"]
    assert retry["MaxAttempts"] > 0


def test_step_functions_may_run_this_task_and_no_other(resources: Document) -> None:
    (policy,) = resources["NightRole"]["Policies"]
    granted = {frozenset(actions): statement for actions, statement in statements(policy["PolicyDocument"])}
    assert set().union(*granted) == {
        *("ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks", "iam:PassRole"),
        *("events:PutTargets", "events:PutRule", "events:DescribeRule"),
    }
    assert granted[frozenset({"ecs:RunTask"})]["Resource"] == {"Ref": "Task"}
    assert granted[frozenset({"iam:PassRole"})]["Resource"] == [
        {"Fn::GetAtt": "ExecutionRole.Arn"},
        {"Fn::GetAtt": "TaskRole.Arn"},
    ]
