"""The template of the function, judged without an AWS account."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sentigrade.aws.secrets import SECRET
from sentigrade.settings import Settings, environment_name
from tests.deploy.test_templates import Document, TemplateLoader, policy, statements, without_sub
from tests.live import REPOSITORY

LAMBDA = REPOSITORY / "deploy" / "lambda"
README = (LAMBDA / "README.md").read_text()
NOTHING = {"Ref": "AWS::NoValue"}
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture(scope="module")
def template() -> Document:
    read: Document = yaml.load((LAMBDA / "template.yaml").read_text(), TemplateLoader)  # noqa: S506 - a SafeLoader
    return read


@pytest.fixture(scope="module")
def properties(template: Document) -> Document:
    """What each resource is made with."""
    return {name: resource["Properties"] for name, resource in template["Resources"].items()}


def policies(properties: Document) -> Iterator[tuple[str | None, Document]]:
    """The condition under which the role has a policy, None where it has it always, and the policy."""
    for each in properties["Role"]["Policies"]:
        condition, given, otherwise = each.get("Fn::If", (None, each, NOTHING))
        assert otherwise == NOTHING
        yield condition, given["PolicyDocument"]


def test_the_template_is_what_cloudformation_expects() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run([linter, LAMBDA / "template.yaml"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_right_of_the_function_is_for_one_thing_that_the_stack_names(properties: Document) -> None:
    granted = {
        condition: {(*sorted(actions), str(without_sub(statement["Resource"])))}
        for condition, document in policies(properties)
        if condition != "StoreInS3"
        for actions, statement in statements(document)
    }
    assert granted == {
        None: {("logs:CreateLogStream", "logs:PutLogEvents", str({"Fn::GetAtt": "Log.Arn"}))},
        "ApiKeys": {("secretsmanager:GetSecretValue", str({"Ref": "ApiKeysSecret"}))},
        "AskEndpoint": {
            (
                "sagemaker:InvokeEndpoint",
                "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint/${Endpoint}",
            )
        },
    }
    assert "ManagedPolicyArns" not in properties["Role"]


@pytest.mark.parametrize(
    ("name", "condition", "places"),
    [
        ("reader", "StoreInS3", {"BUCKET": "${ModelBucket}", "PREFIX": "${ModelPrefix}"}),
        (
            "caller",
            "AskEndpoint",
            {"REGION": "${AWS::Region}", "ACCOUNT": "${AWS::AccountId}", "/ENDPOINT": "/${Endpoint}"},
        ),
    ],
)
def test_the_role_has_the_policies_of_iam_where_it_needs_them(
    properties: Document, name: str, condition: str, places: dict[str, str]
) -> None:
    written = json.dumps(policy(name)).replace("arn:aws:", "arn:${AWS::Partition}:")
    for place, parameter in places.items():
        written = written.replace(place, parameter)
    assert without_sub(dict(policies(properties))[condition]) == json.loads(written)


def test_the_log_is_that_of_the_stack_and_is_not_kept_for_ever(properties: Document) -> None:
    assert properties["Function"]["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "Log"}}
    assert properties["Log"]["RetentionInDays"] > 0


def test_the_function_is_given_settings_that_there_are(properties: Document) -> None:
    given = properties["Function"]["Environment"]["Variables"]
    settings = {environment_name(field) for field in Settings.__struct_fields__}
    assert given.keys() <= settings | {SECRET}
    assert given[SECRET] == {"Fn::If": ["ApiKeys", {"Ref": "ApiKeysSecret"}, NOTHING]}


def test_the_image_is_told_its_role(properties: Document) -> None:
    assert properties["Function"]["ImageConfig"] == {"Command": ["lambda"]}
    entrypoint = (REPOSITORY / "services" / "entrypoint.sh").read_text()
    assert re.search(r"^lambda\)$", entrypoint, re.MULTILINE)
    assert "awslambdaric sentigrade.aws.handler.handler" in entrypoint


def test_strangers_are_let_in_with_both_permissions_and_not_without_keys(template: Document) -> None:
    resources = template["Resources"]
    let_in = [each for each in resources.values() if each["Type"] == "AWS::Lambda::Permission"]
    assert {each["Condition"] for each in let_in} == {"Open"}
    assert {each["Properties"]["Principal"] for each in let_in} == {"*"}
    asked = {each["Properties"].pop("Action"): each["Properties"] for each in let_in}
    assert asked["lambda:InvokeFunctionUrl"]["FunctionUrlAuthType"] == "NONE"
    assert asked["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True
    (rule,) = template["Rules"].values()
    assert rule["RuleCondition"] == template["Conditions"]["Open"]
    assert rule["Assertions"][0]["Assert"] == template["Conditions"]["ApiKeys"]
    assert template["Parameters"]["Authorization"]["Default"] == "AWS_IAM"


def test_those_with_the_policy_may_ask_by_the_url_alone(properties: Document) -> None:
    granted = {
        action: statement["Condition"]
        for actions, statement in statements(properties["Callers"]["PolicyDocument"])
        for action in actions
        if statement["Resource"] == {"Fn::GetAtt": "Function.Arn"}
    }
    assert granted == {
        "lambda:InvokeFunctionUrl": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}},
        "lambda:InvokeFunction": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    }


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("Image", f"{REGISTRY}/sentigrade@{DIGEST}", True),
        ("Image", f"{REGISTRY}/sentigrade:latest", False),
        ("Image", f"sentigrade@{DIGEST}", False),
        ("Models", f"sentiment@3#{DIGEST},toxicity", True),
        ("Models", "s3://elsewhere/sentiment", False),
        ("Endpoint", "", True),
        ("Endpoint", "my-topics", True),
        ("Endpoint", "My-Topics", False),
        ("Endpoint", "*", False),
        ("ApiKeysSecret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-a1b2c3", True),
        ("ApiKeysSecret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*", False),
        ("ModelPrefix", "models/", True),
        ("ModelPrefix", "models", False),
    ],
)
def test_a_parameter_names_one_thing(template: Document, name: str, value: str, accepted: bool) -> None:
    pattern = template["Parameters"][name]["AllowedPattern"]
    assert (re.fullmatch(pattern, value) is not None) == accepted


def test_the_readme_speaks_of_the_parameters_that_there_are(template: Document) -> None:
    assert {name for name in template["Parameters"] if f"`{name}`" not in README} == set()
    overridden = re.findall(r"--parameter-overrides ((?:\w+=\S+ ?)+)", README)
    named = {name for line in overridden for name in re.findall(r"(\w+)=", line)}
    assert {"Image", "Authorization"} <= named <= set(template["Parameters"])


def test_the_first_question_of_the_readme_is_the_output_of_the_stack(template: Document) -> None:
    condition, signed, keyed = template["Outputs"]["Ask"]["Value"]["Fn::If"]
    assert condition == "Signed"
    asked = [words_of(line) for line in re.findall(r"^curl (?:.*\\\n)*.*$", README, re.MULTILINE)]
    for output, line in zip((signed, keyed), asked, strict=True):
        assert words_of(output["Fn::Sub"].replace("${Url.FunctionUrl}", "${url}")) == line


def words_of(line: str) -> list[str]:
    """Return the words of a command in any order, whichever region it names."""
    line = re.sub(r"aws:amz:(\$\(.*?\)|\$\{.*?\}):", "aws:amz:REGION:", line.replace("\\\n", " "))
    return sorted(shlex.split(line))
