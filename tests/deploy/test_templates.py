"""What an AWS account would be given, judged without one."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.live import REPOSITORY

EC2 = REPOSITORY / "deploy" / "ec2"
IAM = REPOSITORY / "deploy" / "iam"

LARGEST_USER_DATA = 16 * 1024

READER = {"s3:ListBucket", "s3:GetObject"}
PUBLISHER = READER | {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}


Document = dict[str, Any]


def document(value: object) -> Document:
    assert isinstance(value, dict)
    return value


class TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref Host` is read as {"Ref": "Host"}."""


def read_short_form(loader: TemplateLoader, suffix: str, node: yaml.Node) -> Document:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise AssertionError(f"!{suffix} of a mapping")
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


TemplateLoader.add_multi_constructor("!", read_short_form)


@pytest.fixture(scope="module")
def template() -> Document:
    return document(yaml.load((EC2 / "template.yaml").read_text(), TemplateLoader))  # noqa: S506 - a SafeLoader


@pytest.fixture(scope="module")
def user_data(template: Document) -> tuple[str, Document]:
    """The text, and the values that the template fills in beside its parameters."""
    text, values = template["Resources"]["Host"]["Properties"]["UserData"]["Fn::Base64"]["Fn::Sub"]
    return text, values


def statements(policy: Document) -> Iterator[tuple[set[str], Document]]:
    """Each statement's actions, and the statement."""
    for statement in policy["Statement"]:
        actions = statement["Action"]
        yield {actions} if isinstance(actions, str) else set(actions), statement


def policy(name: str) -> Document:
    return document(json.loads((IAM / f"{name}.json").read_text()))


def test_the_template_is_what_cloudformation_expects() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run([linter, EC2 / "template.yaml"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_template_starts_its_host_with_the_committed_cloud_init(user_data: tuple[str, Document]) -> None:
    text, _ = user_data
    assert text == (EC2 / "cloud-init.yaml").read_text()


def test_every_name_in_the_cloud_init_is_filled_in(template: Document, user_data: tuple[str, Document]) -> None:
    text, values = user_data
    assert set(re.findall(r"\$\{(\w+)\}", text)) <= set(values) | set(template["Parameters"])
    assert "${!" not in text


def test_the_user_data_fits(user_data: tuple[str, Document]) -> None:
    longest_values = 4 * 1024
    assert len(user_data[0].encode()) + longest_values < LARGEST_USER_DATA


def test_nobody_comes_in_by_ssh(template: Document) -> None:
    rules = template["Resources"]["SecurityGroup"]["Properties"]["SecurityGroupIngress"]
    service, certificate = rules
    assert service["FromPort"] == service["ToPort"] == {"Fn::If": ["Tls", 443, 1337]}
    assert service["CidrIp"] == {"Ref": "AllowedCidr"}
    condition, with_tls, without = certificate["Fn::If"]
    assert (condition, without) == ("Tls", {"Ref": "AWS::NoValue"})
    assert with_tls["FromPort"] == with_tls["ToPort"] == 80


def test_only_containers_on_the_host_reach_its_credentials(template: Document) -> None:
    options = template["Resources"]["Host"]["Properties"]["MetadataOptions"]
    assert options == {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}


def test_the_disk_is_encrypted(template: Document) -> None:
    (disk,) = template["Resources"]["Host"]["Properties"]["BlockDeviceMappings"]
    assert disk["Ebs"]["Encrypted"] is True


@pytest.mark.parametrize(("name", "expected"), [("reader", READER), ("publisher", PUBLISHER)])
def test_a_policy_grants_these_actions_and_no_other(name: str, expected: set[str]) -> None:
    assert set().union(*(actions for actions, _ in statements(policy(name)))) == expected


@pytest.mark.parametrize("name", ["reader", "publisher"])
def test_a_policy_is_for_one_prefix_of_one_bucket_and_for_tls(name: str) -> None:
    for actions, statement in statements(policy(name)):
        assert statement["Effect"] == "Allow"
        assert statement["Condition"]["Bool"] == {"aws:SecureTransport": "true"}
        if actions == {"s3:ListBucket"}:
            assert statement["Resource"] == "arn:aws:s3:::BUCKET"
            assert statement["Condition"]["StringLikeIfExists"] == {"s3:prefix": "PREFIX*"}
        else:
            assert statement["Resource"] == "arn:aws:s3:::BUCKET/PREFIX*"


def test_a_caller_may_ask_one_endpoint_by_tls_and_nothing_else() -> None:
    ((actions, statement),) = statements(policy("caller"))
    assert actions == {"sagemaker:InvokeEndpoint"}
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == "arn:aws:sagemaker:REGION:ACCOUNT:endpoint/ENDPOINT"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "true"}}


def test_the_host_s_role_is_the_reader(template: Document) -> None:
    role = template["Resources"]["Role"]["Properties"]
    (own,) = role["Policies"]
    written = json.dumps(policy("reader"))
    written = written.replace("BUCKET", "${ModelBucket}").replace("PREFIX", "${ModelPrefix}")
    written = written.replace("arn:aws:", "arn:${AWS::Partition}:")
    assert without_sub(own["PolicyDocument"]) == json.loads(written)
    assert role["ManagedPolicyArns"] == [
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"}
    ]


def without_sub(value: object) -> object:
    """The same, with the text of each Fn::Sub in its place."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"}:
            return value["Fn::Sub"]
        return {key: without_sub(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_sub(item) for item in value]
    return value


@pytest.mark.parametrize(
    ("models", "accepted"),
    [
        (f"sentiment@3#sha256:{'0' * 64}", True),
        (f"sentiment@3#sha256:{'0' * 64},s3://bucket/prefix/topics@1#sha256:{'a' * 64}", True),
        ("sentiment@3", False),
        ("sentiment", False),
        (f"sentiment@3#sha256:{'0' * 64},topics@1", False),
        (f"sentiment@3#sha256:{'0' * 64}'; reboot '", False),
    ],
)
def test_the_first_models_are_pinned(template: Document, models: str, accepted: bool) -> None:
    pattern = template["Parameters"]["Models"]["AllowedPattern"]
    assert (re.fullmatch(pattern, models) is not None) == accepted


@pytest.mark.parametrize("name", ["Revision", "Models", "RepositoryUrl", "DomainName", "ModelBucket", "ModelPrefix"])
def test_no_parameter_can_end_the_quotes_of_a_shell_command(template: Document, name: str) -> None:
    pattern = template["Parameters"][name]["AllowedPattern"]
    named = re.sub(r"\\[.]|\\d", "", pattern)
    assert not set(named) & set("'\" $`\\;\n")


def test_the_unit_waits_for_docker_and_calls_the_installed_script() -> None:
    unit = (EC2 / "sentigrade.service").read_text()
    assert "Requires=docker.service\nAfter=docker.service" in unit
    commands = re.findall(r"^Exec(?:Start|Stop)=(\S+)", unit, re.MULTILINE)
    assert commands == ["/usr/local/bin/sentigrade-release"] * 2
    cloud_init = (EC2 / "cloud-init.yaml").read_text()
    for installed in ("/usr/local/bin/sentigrade-release", "/usr/local/bin/sentigrade-certificate"):
        assert installed in cloud_init
    assert "/etc/systemd/system/sentigrade.service" in cloud_init
    assert "systemctl enable --now sentigrade.service" in cloud_init


@pytest.mark.parametrize("script", ["release", "certificate"])
def test_the_scripts_are_shell_and_stop_at_the_first_failure(script: str) -> None:
    path = EC2 / script
    assert path.read_text().startswith("#!/bin/sh\n")
    assert "\nset -eu\n" in path.read_text()
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
    assert path.stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("commit", "models", "message"),
    [
        ("main", f"sentiment@1#sha256:{'0' * 64}", "not a whole commit id"),
        ("0" * 40, "sentiment@1", "does not pin each model"),
        ("0" * 40, f"sentiment@1#sha256:{'0' * 64},topics", "does not pin each model"),
    ],
)
def test_a_release_that_could_change_by_itself_is_refused(commit: str, models: str, message: str) -> None:
    result = release("to", commit, models)
    assert result.returncode == 1
    assert message in result.stderr


@pytest.mark.parametrize("arguments", [(), ("dance",), ("to", "one")])
def test_a_wrong_command_is_answered_by_the_list_of_commands(arguments: tuple[str, ...]) -> None:
    result = release(*arguments)
    assert result.returncode == 64
    assert "sentigrade-release back" in result.stderr


def release(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([EC2 / "release", *arguments], capture_output=True, text=True, check=False)
