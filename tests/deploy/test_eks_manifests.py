"""The kustomizations of deploy/eks: kubectl builds them, and a cluster would take what they make."""

import copy
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from tests.deploy.kustomized import APPLIED, EKS, RENDERED, SERVICE, Objects, build, of_kind, one, pods, rendered
from tests.deploy.test_templates import Document

# Kinds that others define, of which kubernetes-validate knows nothing.
OTHERS = {"IngressClassParams", "RayJob", "SecretProviderClass", "ServiceMonitor"}
OLDEST = 31
NEWEST = int(version("kubernetes-validate").split(".")[1])
CLUSTER_WIDE = {"Namespace", "IngressClass", "IngressClassParams"}


def all_objects() -> list[Document]:
    """Return each object that some kustomization makes, and the pods that they make."""
    found: list[Document] = []
    for name in RENDERED:
        made = (
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod.name, "labels": pod.labels}, "spec": pod.spec}
            for pod in pods(rendered(name))
        )
        found += [each for each in (*rendered(name), *made) if each not in found]
    return found


def validate(objects: Objects, minor: int, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Ask kubernetes-validate about objects, for Kubernetes 1.`minor`."""
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects))
    program = Path(sys.executable).with_name("kubernetes-validate")
    command = [str(program), "--strict", "--kubernetes-version", f"1.{minor}", str(folder / "objects.yaml")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("minor", range(OLDEST, NEWEST + 1))
def test_every_object_is_one_of_this_version_of_kubernetes(minor: int, tmp_path: Path) -> None:
    result = validate(all_objects(), minor, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert set(re.findall(r"Couldn't find schema for kind (\w+)", result.stdout)) == OTHERS
    judged = [each for each in all_objects() if each["kind"] not in OTHERS]
    assert len(re.findall(rf"passed for resource \S+ against version 1\.{minor}\n", result.stdout)) == len(judged)


def test_a_field_that_does_not_exist_would_be_found(tmp_path: Path) -> None:
    deployment = copy.deepcopy(one(rendered("overlays/trial"), "Deployment"))
    deployment["spec"]["template"]["spec"]["terminationGraceSeconds"] = 90
    result = validate([deployment], NEWEST, tmp_path)
    assert result.returncode != 0
    assert "terminationGraceSeconds" in result.stdout


def test_the_pages_name_the_versions_that_were_asked() -> None:
    assert f"Kubernetes 1.{OLDEST} to 1.{NEWEST}" in " ".join((EKS / "README.md").read_text().split())
    assert f"Kubernetes 1.{OLDEST} to 1.{NEWEST}" in " ".join((EKS / "batch" / "README.md").read_text().split())


def test_every_kustomization_is_applied_or_a_part_of_one_that_is() -> None:
    folders = {path.parent for path in EKS.rglob("kustomization.yaml")}
    reached: set[Path] = set()
    left = [EKS / name for name in APPLIED]
    while left:
        folder = left.pop()
        reached.add(folder)
        read = yaml.safe_load((folder / "kustomization.yaml").read_text())
        named = [folder / name for name in (*read["resources"], *read.get("components", []))]
        left += [path.resolve() for path in named if path.is_dir()]
    assert reached == folders


def test_every_file_beside_a_kustomization_is_used() -> None:
    for path in EKS.rglob("kustomization.yaml"):
        read = yaml.safe_load(path.read_text())
        used = {*read["resources"], *(patch.get("path") for patch in read.get("patches", []))}
        beside = {file.name for file in path.parent.glob("*.yaml")} - {"kustomization.yaml"}
        assert beside - used == ({"rayjob.yaml"} if path.parent.name == "batch" else set()), path


@pytest.mark.parametrize("name", RENDERED)
def test_nothing_is_there_twice_and_all_of_it_has_one_namespace(name: str) -> None:
    objects = rendered(name)
    names = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in objects]
    assert len(set(names)) == len(names)
    namespaces = {namespace for kind, namespace, _ in names if kind not in CLUSTER_WIDE}
    made = {each["metadata"]["name"] for each in of_kind(objects, "Namespace")}
    assert namespaces == (made or {"kube-system"})


@pytest.mark.parametrize("name", [name for name in RENDERED if name != "auto-mode"])
def test_images_come_from_the_registry_by_their_digests(name: str) -> None:
    images = {container["image"] for pod in pods(rendered(name)) for container in pod.containers}
    of_registry = r"ACCOUNT\.dkr\.ecr\.REGION\.amazonaws\.com/sentigrade(-nginx)?@sha256:[A-Z_]+_DIGEST"
    assert images
    assert all(re.fullmatch(of_registry, image) for image in images), images


def test_the_two_overlays_differ_in_what_production_adds() -> None:
    trial, production = ({each["kind"] for each in rendered(name)} for name in SERVICE)
    assert trial < production
    assert production - trial == {"SecretProviderClass", "ServiceMonitor"}
    annotations = [one(rendered(name), "Ingress")["metadata"]["annotations"] for name in SERVICE]
    assert [each.get("alb.ingress.kubernetes.io/inbound-cidrs") for each in annotations] == ["MY_ADDRESS/32", None]
    assert annotations[1]["alb.ingress.kubernetes.io/ssl-redirect"] == "443"
    assert '{"HTTPS": 443}' in annotations[1]["alb.ingress.kubernetes.io/listen-ports"]


def test_a_changed_setting_replaces_the_pods(tmp_path: Path) -> None:
    def settings_of_pods(folder: Path) -> tuple[str, set[str]]:
        objects = build(folder)
        (pod,) = pods(objects)
        sources = {source["configMapRef"]["name"] for each in pod.containers for source in each["envFrom"]}
        return one(objects, "ConfigMap")["metadata"]["name"], sources

    before, named_before = settings_of_pods(EKS / "base")
    for path in (EKS / "base").iterdir():
        text = path.read_text().replace("SENTIGRADE_WORKERS=2", "SENTIGRADE_WORKERS=3")
        (tmp_path / path.name).write_text(text)
    after, named_after = settings_of_pods(tmp_path)
    assert before != after
    assert (named_before, named_after) == ({before}, {after})
