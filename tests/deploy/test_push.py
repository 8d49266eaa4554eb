"""`push` with a real Docker engine and a registry on loopback, on a checkout whose images are small."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from tests.deploy import registry_server
from tests.deploy.conftest import Answering
from tests.deploy.ecs_service import Ecs, Service
from tests.deploy.registry_server import Registry, digest
from tests.deploy.stack_values import Stack
from tests.deploy.test_pipeline import PIPELINE
from tests.deploy.test_templates import statements
from tests.live import REPOSITORY

pytestmark = [pytest.mark.compose, pytest.mark.timeout(300)]

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"


@pytest.fixture
def registry() -> Iterator[Registry]:
    """An empty one; the engine's own copies of what was pushed to it go in the end."""
    with registry_server.running() as registry:
        yield registry
    forget(*(f"{registry.name}/{repository}:{tag}" for repository, tag in registry.manifests if ":" not in tag))


def forget(*images: str) -> None:
    subprocess.run(["docker", "image", "rm", *images], capture_output=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The scripts, beside images with a file each."""
    for script in ("registry/push", "ecs/release"):
        copy = tmp_path / "deploy" / script
        copy.parent.mkdir(parents=True)
        shutil.copy(REPOSITORY / "deploy" / script, copy)
    for folder in ("services", "nginx"):
        (tmp_path / folder).mkdir()
    (tmp_path / "greeting").write_text(uuid4().hex)
    (tmp_path / "nginx" / "greeting").write_text(uuid4().hex)
    (tmp_path / "services" / "Dockerfile").write_text(
        "FROM scratch\nARG EXTRAS\nCOPY greeting /\nLABEL extras=$EXTRAS\n"
    )
    (tmp_path / "nginx" / "Dockerfile").write_text("FROM scratch\nCOPY greeting /\n")
    return tmp_path


def push(checkout: Path, registry: str, tag: str = COMMIT, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [str(checkout / "deploy" / "registry" / "push"), registry, tag]
    return subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)


def pushed(result: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The images by what the script calls them."""
    assert result.returncode == 0, result.stderr
    return dict(line.split("=", 1) for line in result.stdout.splitlines())


def test_both_images_are_pushed_and_named_by_digest(checkout: Path, registry: Registry) -> None:
    images = pushed(push(checkout, registry.name))
    expected = {}
    for variable, repository in (("image", "sentigrade"), ("nginx_image", "sentigrade-nginx")):
        content_type, manifest = registry.manifests[repository, COMMIT]
        expected[variable] = f"{registry.name}/{repository}@{digest(manifest)}"
        # One manifest, not a list of them.
        assert content_type.endswith(("manifest.v2+json", "manifest.v1+json"))
    assert images == expected


def test_what_is_there_already_is_named_and_not_built_again(checkout: Path, registry: Registry) -> None:
    first = pushed(push(checkout, registry.name))
    (checkout / "greeting").write_text("another")
    again = push(checkout, registry.name)
    assert pushed(again) == first
    assert f"{registry.name}/sentigrade:{COMMIT} is in the registry already" in again.stderr


def test_looking_for_a_tag_takes_no_more_than_the_pipeline_may_do(checkout: Path, registry: Registry) -> None:
    image = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "config": {}}
    config = json.dumps(image).encode()
    registry.blobs[digest(config)] = config
    described = {"mediaType": CONFIG, "size": len(config), "digest": digest(config)}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": []}).encode()
    for repository in ("sentigrade", "sentigrade-nginx"):
        assert registry.put_manifest(repository, COMMIT, (MANIFEST, manifest))
    images = pushed(push(checkout, registry.name))
    assert set(images.values()) == {
        f"{registry.name}/{repository}@{digest(manifest)}" for repository in ("sentigrade", "sentigrade-nginx")
    }
    policy = Stack(PIPELINE, Url="https://grades.example.org").resources["Release"]["PolicyDocument"]
    assert registry.asked <= {action for actions, _ in statements(policy) for action in actions}


def test_other_extras_are_another_image(checkout: Path, registry: Registry) -> None:
    plain = pushed(push(checkout, registry.name))
    extended = pushed(push(checkout, registry.name, EXTRAS="fasttext transformer"))
    assert extended["image"] != plain["image"]
    _, manifest = registry.manifests["sentigrade", f"{COMMIT}-fasttext-transformer"]
    config = json.loads(registry.blobs[json.loads(manifest)["config"]["digest"]])
    assert config["config"]["Labels"]["extras"] == "fasttext transformer"


def test_a_registry_that_does_not_answer_is_said(checkout: Path) -> None:
    result = push(checkout, "localhost:1")
    assert result.returncode == 1
    assert f"localhost:1/sentigrade:{COMMIT} cannot be looked up" in result.stderr
    assert "connection refused" in result.stderr
    assert result.stdout == ""


def test_an_image_that_cannot_be_built_is_said(checkout: Path, registry: Registry) -> None:
    (checkout / "greeting").unlink()
    result = push(checkout, registry.name)
    assert result.returncode == 1
    assert f"{registry.name}/sentigrade:{COMMIT} was not pushed: Docker says why above" in result.stderr
    assert result.stdout == ""


def test_what_codebuild_runs_pushes_and_releases(
    checkout: Path, registry: Registry, ecs: Ecs, answering: Answering
) -> None:
    url, key = answering
    service = Service(ecs)
    phases = yaml.safe_load((REPOSITORY / "buildspec.yml").read_text())["phases"]
    # The first phase enters ECR, and this registry lets everybody in.
    commands = "\n".join(phases["build"]["commands"])
    given = {"REGISTRY": registry.name, "CLUSTER": service.cluster, "SERVICE": "web", "URL": url}
    environ = ecs.environ() | dict(key) | given | {"CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT}
    result = subprocess.run(
        ["bash", "-e", "-c", commands], cwd=checkout, env=environ, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    released = [container["image"] for container in service.definition()["containerDefinitions"]]
    assert released == [
        f"{registry.name}/{name}@{digest(registry.manifests[name, COMMIT][1])}"
        for name in ("sentigrade", "sentigrade-nginx")
    ]
