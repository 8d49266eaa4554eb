"""What the pods of deploy/eks may do in AWS, and the cluster that they run on, judged without an account."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.kustomized import EKS, one, rendered
from tests.deploy.test_templates import IAM, Document, TemplateLoader, statements, without_sub

TEMPLATE = EKS / "template.yaml"
ROLES = {"Service": "overlays/production", "Batch": "batch"}


@pytest.fixture(scope="module")
def template() -> Document:
    read: Document = yaml.load(TEMPLATE.read_text(), TemplateLoader)  # noqa: S506 - a SafeLoader
    return read


def resource(template: Document, name: str) -> Document:
    found: Document = template["Resources"][name]["Properties"]
    return found


def policies(template: Document, role: str) -> dict[str, Document]:
    """Return the policies of a role by their names, with those that hang on a condition."""
    given = [each["Fn::If"][1] if "Fn::If" in each else each for each in resource(template, role)["Policies"]]
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in given}


def written(path: Path, **names: str) -> Any:  # noqa: ANN401 - the statements of a policy
    """Return the statements of a committed policy, with the template's names in the place of its own."""
    text = path.read_text().replace("arn:aws:", "arn:${AWS::Partition}:")
    for word, name in names.items():
        text = text.replace(word.replace("_", "-"), name)
    return json.loads(text)["Statement"]


def test_the_template_is_what_cloudformation_expects() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run([linter, TEMPLATE], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("name", "kustomization"), ROLES.items())
def test_a_role_is_for_the_account_that_the_pods_have_and_for_no_other(
    template: Document, name: str, kustomization: str
) -> None:
    account = one(rendered(kustomization), "ServiceAccount")["metadata"]
    association = resource(template, f"{name}Identity")
    assert association["Namespace"] == account["namespace"]
    assert association["ServiceAccount"] == account["name"]
    assert association["RoleArn"] == {"Fn::GetAtt": f"{name}Role.Arn"}
    ((actions, trust),) = statements(resource(template, f"{name}Role")["AssumeRolePolicyDocument"])
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert actions == {"sts:AssumeRole", "sts:TagSession"}
    assert without_sub(trust["Condition"]) == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-arn": "arn:${AWS::Partition}:eks:${AWS::Region}:${AWS::AccountId}:"
            "cluster/${ClusterName}",
            "aws:RequestTag/kubernetes-namespace": account["namespace"],
            "aws:RequestTag/kubernetes-service-account": account["name"],
        }
    }


def test_the_service_reads_its_models_and_its_keys_and_nothing_else(template: Document) -> None:
    found = policies(template, "ServiceRole")
    assert found.keys() == {"read-models", "read-api-keys"}
    reader = written(IAM / "reader.json", BUCKET="${ModelBucket}", PREFIX="${ModelPrefix}")
    assert without_sub(found["read-models"]["Statement"]) == reader
    ((actions, keys),) = statements(found["read-api-keys"])
    assert actions == {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}
    assert without_sub(keys["Resource"]) == (
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${ApiKeysSecret}-??????"
    )
    assert "ManagedPolicyArns" not in resource(template, "ServiceRole")


def test_a_right_is_given_only_where_it_is_asked_for(template: Document) -> None:
    conditional = [each["Fn::If"] for each in resource(template, "ServiceRole")["Policies"]]
    assert [(condition, other) for condition, _, other in conditional] == [
        ("ReadsModels", {"Ref": "AWS::NoValue"}),
        ("AsksForKeys", {"Ref": "AWS::NoValue"}),
    ]
    for name in ("BatchRole", "BatchIdentity"):
        assert template["Resources"][name]["Condition"] == "RunsBatch"


def test_batch_jobs_have_the_committed_policy(template: Document) -> None:
    (found,) = policies(template, "BatchRole").values()
    names = {"SOURCE_BUCKET": "${SourceBucket}", "SINK_BUCKET": "${SinkBucket}"}
    prefixes = {"reviews/": "${SourcePrefix}", "scored/": "${SinkPrefix}"}
    assert without_sub(found["Statement"]) == written(EKS / "batch" / "policy.json", **names, **prefixes)


def test_jobs_never_write_to_a_whole_bucket(template: Document) -> None:
    asserted = [each["Assert"] for each in template["Rules"]["BatchHasASink"]["Assertions"]]
    assert {"Fn::Not": [{"Fn::Equals": [{"Ref": "SinkPrefix"}, ""]}]} in asserted


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("ModelBucket", "my-models", True),
        ("ModelBucket", "", True),
        ("ModelBucket", "*", False),
        ("ModelPrefix", "models/", True),
        ("ModelPrefix", "models", False),
        ("ApiKeysSecret", "sentigrade/api-keys", True),
        ("ApiKeysSecret", "*", False),
        ("SinkPrefix", "scored/", True),
        ("SinkPrefix", "*", False),
        ("ClusterName", "sentigrade", True),
        ("ClusterName", "*", False),
    ],
)
def test_no_parameter_widens_a_right(template: Document, name: str, value: str, accepted: bool) -> None:
    pattern = template["Parameters"][name]["AllowedPattern"]
    assert (re.fullmatch(pattern, value) is not None) == accepted


def test_the_secret_is_the_one_that_the_pods_mount(template: Document) -> None:
    (secret,) = yaml.safe_load(
        one(rendered("overlays/production"), "SecretProviderClass")["spec"]["parameters"]["objects"]
    )
    assert secret["objectName"] in template["Parameters"]["ApiKeysSecret"]["Description"]
    page = (EKS / "README.md").read_text()
    assert f"create-secret --name {secret['objectName']} " in page
    assert f"ApiKeysSecret={secret['objectName']}" in page


def test_the_cluster_is_the_one_that_the_template_is_for_and_has_what_the_pods_need(template: Document) -> None:
    cluster = yaml.safe_load((EKS / "cluster.yaml").read_text())
    assert cluster["metadata"]["name"] == template["Parameters"]["ClusterName"]["Default"]
    assert cluster["autoModeConfig"] == {"enabled": True}
    addons = {each["name"]: json.loads(each.get("configurationValues", "{}")) for each in cluster["addons"]}
    assert addons.keys() == {"metrics-server", "aws-secrets-store-csi-driver-provider"}
    assert addons["aws-secrets-store-csi-driver-provider"]["secrets-store-csi-driver"]["enableSecretRotation"] is True


def test_only_one_address_manages_the_cluster() -> None:
    vpc = yaml.safe_load((EKS / "cluster.yaml").read_text())["vpc"]
    assert vpc["publicAccessCIDRs"] == ["MY_ADDRESS/32"]
    assert vpc["clusterEndpoints"]["privateAccess"] is True


@pytest.mark.parametrize("kustomization", ROLES.values())
def test_nothing_stands_before_the_role(kustomization: str) -> None:
    """boto3 would take keys from the environment, or the role of a token, before that of Pod Identity."""
    text = yaml.safe_dump_all(rendered(kustomization))
    assert "AWS_ACCESS_KEY_ID" not in text
    assert "eks.amazonaws.com/role-arn" not in text
