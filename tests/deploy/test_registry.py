"""The template of the registry, judged without an AWS account, and what `push` must be told."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.deploy.stack_values import Stack
from tests.live import REPOSITORY

PUSH = REPOSITORY / "deploy" / "registry" / "push"
TEMPLATE = REPOSITORY / "deploy" / "registry" / "template.yaml"

REPOSITORIES = {"Service": "sentigrade", "Nginx": "sentigrade-nginx"}


@pytest.mark.parametrize("resource", REPOSITORIES)
def test_a_tag_stays_with_its_image_which_is_scanned(resource: str) -> None:
    repository = Stack(TEMPLATE).resources[resource]
    assert repository["RepositoryName"] == REPOSITORIES[resource]
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}


@pytest.mark.parametrize("resource", REPOSITORIES)
def test_the_newest_images_are_kept(resource: str) -> None:
    repository = Stack(TEMPLATE, Kept="7").resources[resource]
    (rule,) = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 7}
    assert rule["action"] == {"type": "expire"}


def test_the_outputs_name_the_registry_that_images_are_named_by() -> None:
    outputs = Stack(TEMPLATE).outputs
    registry = outputs["Registry"]["Value"]
    assert registry == "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    assert outputs["Enter"]["Value"].endswith(f"docker login --username AWS --password-stdin {registry}")


@pytest.mark.parametrize("arguments", [(), ("registry",), ("registry", "tag", "more")])
def test_a_wrong_number_of_arguments_is_answered_by_what_is_needed(arguments: tuple[str, ...]) -> None:
    result = subprocess.run([PUSH, *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 64
    assert "push REGISTRY TAG" in result.stderr


@pytest.mark.parametrize(("tools", "missing"), [([], "docker"), (["docker"], "jq")])
def test_a_tool_that_is_missing_is_named(tmp_path: Path, tools: list[str], missing: str) -> None:
    for tool in tools:
        (tmp_path / tool).touch(0o755)
    command = ["/bin/bash", str(PUSH), "registry", "tag"]
    result = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == f"push: {missing} is not installed\n"
