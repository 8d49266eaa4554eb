"""The commands of deploy/eks/README.md, as far as they need no AWS account: they are run."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.kustomized import EKS, RENDERED, build, one, pods, rendered, service_pod
from tests.documentation.blocks import commands
from tests.live import REPOSITORY

PAGES = [EKS / "README.md", EKS / "batch" / "README.md"]
# What a reader has set by then.
SET = {
    "account": "123456789012",
    "region": "eu-central-1",
    "address": "203.0.113.7",
    "image": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/sentigrade@sha256:{'a' * 64}",
    "nginx_image": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/sentigrade-nginx@sha256:{'b' * 64}",
}


def lines(*beginnings: str) -> Iterator[str]:
    """Give the commands of the page that begin so, with their continued lines."""
    for block in commands(EKS / "README.md"):
        for command in re.findall(r"^(?:[^ \n].*(?:\n  .*)*)", block.text, re.MULTILINE):
            if command.startswith(beginnings):
                yield command


def run(script: str, folder: Path) -> str:
    """Run commands as a reader of the page does; AssertionError with what they say when one fails."""
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=SET, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the commands change."""
    shutil.copytree(EKS, tmp_path / "deploy" / "eks")
    return tmp_path


def test_the_words_in_capitals_of_the_trial_are_all_replaced(checkout: Path) -> None:
    replacing = list(lines("sed"))
    assert len(replacing) == 2
    run("\n".join(replacing), checkout)
    objects = build(checkout / "deploy" / "eks" / "overlays" / "trial")
    images = [container["image"] for container in service_pod(objects).containers]
    assert images == [SET["image"], SET["nginx_image"]]
    cidrs = one(objects, "Ingress")["metadata"]["annotations"]["alb.ingress.kubernetes.io/inbound-cidrs"]
    assert cidrs == f"{SET['address']}/32"
    cluster = yaml.safe_load((checkout / "deploy" / "eks" / "cluster.yaml").read_text())
    assert cluster["metadata"]["region"] == SET["region"]
    assert cluster["availabilityZones"] == [f"{SET['region']}a", f"{SET['region']}b"]
    assert cluster["vpc"]["publicAccessCIDRs"] == [f"{SET['address']}/32"]
    left = {"ACCOUNT", "REGION", "MY_ADDRESS", "WEB_DIGEST", "NGINX_DIGEST"}
    assert not left & set(re.findall(r"[A-Z_]+", yaml.safe_dump_all([*objects, cluster])))


def test_the_rules_for_the_operator_are_the_committed_alerts() -> None:
    (command,) = lines("{ printf")
    given: dict[str, object] = yaml.safe_load(run(f"kubectl() {{ cat; }}\n{command}", REPOSITORY))
    assert (given["apiVersion"], given["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert given["metadata"] == {"name": "sentigrade", "namespace": "sentigrade"}
    assert given["spec"] == yaml.safe_load((REPOSITORY / "deploy" / "monitoring" / "alerts.yml").read_text())


def test_a_job_of_another_day_is_made_by_one_command() -> None:
    page = " ".join((EKS / "batch" / "README.md").read_text().split())
    (change,) = re.findall(r"kubectl kustomize deploy/eks/batch \| (sed \S+) \| kubectl apply", page)
    for name in ("batch", RENDERED[-1]):
        (job,) = (each for each in rendered(name) if each["kind"] in ("Job", "RayJob"))
        changed = subprocess.run(
            change.split(), input=yaml.safe_dump(job, width=10_000), capture_output=True, text=True, check=True
        ).stdout
        assert "2026-01-31" in yaml.safe_dump(job)
        assert "2026-01-31" not in changed
        assert len(list(pods([yaml.safe_load(changed)]))) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_a_page_names_files_and_objects_that_exist(page: Path) -> None:
    text = "\n".join(block.text for block in commands(page))
    files = set(re.findall(r"\b(?:deploy|services)/[\w./-]+", text))
    assert files
    for name in files:
        assert (REPOSITORY / name).exists(), name
    made = {(each["kind"].lower(), each["metadata"]["name"]) for name in RENDERED for each in rendered(name)}
    for kind, name in re.findall(r"\b(deployment|job)/([\w-]+)", text):
        assert (kind, name) in made
    namespaces = set(re.findall(r"--namespace ([\w-]+)", page.read_text()))
    assert namespaces
    assert {("namespace", name) for name in namespaces} <= made


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_a_page_says_that_no_cluster_has_run_it(page: Path) -> None:
    assert re.search(r"Never run: any of this on a cluster|No Kubernetes cluster has run them", page.read_text())
