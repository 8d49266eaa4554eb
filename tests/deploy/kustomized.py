"""Objects of Kubernetes, as kubectl builds them from the kustomizations of deploy/eks."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml

from tests.deploy.test_templates import Document
from tests.live import REPOSITORY

EKS = REPOSITORY / "deploy" / "eks"
# What is applied to a cluster; everything else is a part of one of them.
APPLIED = ("auto-mode", "overlays/trial", "overlays/production", "batch")
SERVICE = ("overlays/trial", "overlays/production")
# And a batch job on Ray, for which one line of `batch` is changed.
RAY = "batch with rayjob.yaml"
RENDERED = (*APPLIED, RAY)
# What KubeRay's operator puts on the pods that it makes.
RAY_LABELS = {"ray.io/is-ray-node": "yes"}

Objects = Sequence[Document]

_UNITS = {"Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "m": Decimal("0.001"), "": Decimal(1)}


class Pod(NamedTuple):
    """A pod that some object of a kustomization makes."""

    name: str
    namespace: str
    labels: dict[str, str]
    spec: Document

    @property
    def containers(self) -> list[Document]:
        """All that run in it, sidecars first."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    def container(self, name: str) -> Document:
        (found,) = (container for container in self.containers if container["name"] == name)
        return found


@cache
def rendered(name: str) -> Objects:
    """Return the objects of one of RENDERED."""
    return build(EKS / name) if name != RAY else _build_on_ray()


def build(folder: Path) -> Objects:
    """Return what kubectl makes of a folder; AssertionError with its words when it refuses."""
    kubectl = Path(sys.executable).with_name("kubectl")
    result = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return list(yaml.safe_load_all(result.stdout))


def _build_on_ray() -> Objects:
    with TemporaryDirectory() as copy:
        folder = Path(shutil.copytree(EKS / "batch", copy, dirs_exist_ok=True))
        text = (folder / "kustomization.yaml").read_text()
        assert "  - job.yaml\n" in text
        (folder / "kustomization.yaml").write_text(text.replace("  - job.yaml\n", "  - rayjob.yaml\n"))
        return build(folder)


def of_kind(objects: Objects, kind: str) -> list[Document]:
    return [each for each in objects if each["kind"] == kind]


def one(objects: Objects, kind: str) -> Document:
    (found,) = of_kind(objects, kind)
    return found


def pods(objects: Objects) -> Iterator[Pod]:
    """Give each pod that would be made."""
    for each in objects:
        for name, template in _templates(each):
            labels = template.get("metadata", {}).get("labels", {})
            yield Pod(name, each["metadata"]["namespace"], labels, template["spec"])


def _templates(each: Document) -> Iterator[tuple[str, Document]]:
    if each["kind"] in ("Deployment", "Job"):
        yield each["metadata"]["name"], each["spec"]["template"]
    if each["kind"] == "RayJob":
        cluster = each["spec"]["rayClusterSpec"]
        (workers,) = cluster["workerGroupSpecs"]
        for name, group in (("head", cluster["headGroupSpec"]), ("worker", workers)):
            yield name, group["template"] | {"metadata": {"labels": RAY_LABELS}}


def service_pod(objects: Objects) -> Pod:
    (pod,) = pods(objects)
    return pod


def environment(container: Document, objects: Objects) -> dict[str, str]:
    """Return the variables that a container is given."""
    maps = {each["metadata"]["name"]: each["data"] for each in of_kind(objects, "ConfigMap")}
    given: dict[str, str] = {}
    for source in container.get("envFrom", []):
        given |= maps[source["configMapRef"]["name"]]
    return given | {variable["name"]: variable["value"] for variable in container.get("env", [])}


def quantity(text: str) -> Decimal:
    """Return how much a quantity of Kubernetes is."""
    read = re.fullmatch(r"([\d.]+)(\w*)", text)
    assert read, text
    return Decimal(read[1]) * _UNITS[read[2]]
