"""The template that scores a day's files every night, judged without an AWS account."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.batch_lines import WRITES_TO
from tests.deploy.test_templates import PUBLISHER, READER, Document, TemplateLoader, statements, without_sub
from tests.live import REPOSITORY

ECS = REPOSITORY / "deploy" / "ecs" / "template.yaml"
POLICY = REPOSITORY / "deploy" / "kubernetes" / "policy.json"


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


def test_the_task_writes_to_one_volume_alone_and_keeps_root_for_giving_it_away(resources: Document) -> None:
    (container,) = resources["Task"]["ContainerDefinitions"]
    (mount,) = container["MountPoints"]
    given = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    assert container["ReadonlyRootFilesystem"] is True
    assert container["User"] == "0"
    assert resources["Task"]["Volumes"] == [{"Name": mount["SourceVolume"]}]
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
