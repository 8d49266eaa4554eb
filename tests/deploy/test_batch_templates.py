"""What runs `batch` as a job: the command takes its lines, and a cluster would be given the right pods."""

import re
import shlex
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from sentigrade.cli import main
from sentigrade.errors import JobInterrupted, ModelFolderError, SentigradeError, StoreUnreachable
from tests.deploy.batch_lines import WRITES_TO, lines_of_page, read_as_batch
from tests.deploy.test_templates import Document, document
from tests.live import REPOSITORY

BATCH = REPOSITORY / "deploy" / "eks" / "batch"
PAGE = REPOSITORY / "docs" / "deploy-batch.md"
READMES = [REPOSITORY / "deploy" / page for page in ("ecs/night.md", "eks/batch/README.md")]
DOCKERFILE = (REPOSITORY / "services" / "Dockerfile").read_text()
LOCKS = REPOSITORY / "requirements"

SOURCE, SINK = "s3://SOURCE-BUCKET/reviews/2026-01-31/", "s3://SINK-BUCKET/scored/2026-01-31/"


def manifest(name: str) -> Document:
    return document(yaml.safe_load((BATCH / f"{name}.yaml").read_text()))


@pytest.fixture(scope="module")
def job() -> Document:
    return document(manifest("job")["spec"])


@pytest.fixture(scope="module")
def ray_job() -> Document:
    return document(manifest("rayjob")["spec"])


def pods() -> dict[str, Document]:
    """Each pod of the manifests."""
    cluster = manifest("rayjob")["spec"]["rayClusterSpec"]
    (workers,) = cluster["workerGroupSpecs"]
    groups = {"job": manifest("job")["spec"], "head": cluster["headGroupSpec"], "worker": workers}
    return {name: group["template"]["spec"] for name, group in groups.items()}


def container_of(pod: Document) -> Document:
    (container,) = pod["containers"]
    return document(container)


def environment(container: Document) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container["env"]}


def test_the_command_takes_the_line_of_the_job(job: Document) -> None:
    read = read_as_batch(container_of(job["template"]["spec"])["args"])
    assert (read["source"], read["sink"], read["engine"]) == (SOURCE, SINK, "local")


def test_the_command_takes_the_line_of_the_ray_job(ray_job: Document) -> None:
    program, *line = shlex.split(ray_job["entrypoint"])
    read = read_as_batch(line)
    assert program == "sentigrade"
    assert (read["source"], read["sink"]) == (SOURCE, SINK)
    assert (read["engine"], read["address"]) == ("ray", "auto")


def test_the_command_takes_every_line_of_the_page() -> None:
    lines = list(lines_of_page(PAGE))
    assert len(lines) == 3
    assert {read_as_batch(line)["model"] for line in lines} == {"sentiment"}


@pytest.mark.parametrize("pod", pods().values(), ids=pods())
def test_a_pod_is_an_ordinary_user_and_writes_to_one_volume_alone(pod: Document) -> None:
    container = container_of(pod)
    (mount,) = container["volumeMounts"]
    (volume,) = pod["volumes"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert {pod["securityContext"][who] for who in ("runAsUser", "runAsGroup", "fsGroup")} == {10001}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {environment(container)[name] for name in WRITES_TO} == {mount["mountPath"]}
    assert volume == {"name": mount["name"], "emptyDir": {"sizeLimit": container_disk(container)}}


def container_disk(container: Document) -> str:
    return str(container["resources"]["limits"]["ephemeral-storage"])


@pytest.mark.parametrize("pod", pods().values(), ids=pods())
def test_a_pod_has_the_role_of_the_account_and_no_rights_in_the_cluster(pod: Document) -> None:
    assert pod["serviceAccountName"] == manifest("serviceaccount")["metadata"]["name"]
    assert pod["automountServiceAccountToken"] is False


def test_a_pod_that_was_killed_is_replaced_and_one_with_a_wrong_setting_is_not(
    job: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored, final = job["podFailurePolicy"]["rules"]
    assert job["template"]["spec"]["restartPolicy"] == "Never"  # Kubernetes heeds the policy with no other
    assert job["backoffLimit"] > 0
    assert ignored["action"] == "Ignore"
    assert ignored["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]
    assert final["action"] == "FailJob"
    of_container = final["onExitCodes"]
    assert of_container["containerName"] == container_of(job["template"]["spec"])["name"]
    again = {status_after(error, monkeypatch) for error in (JobInterrupted, StoreUnreachable)} | {128 + 9, 128 + 15}
    assert status_after(ModelFolderError, monkeypatch) in of_container["values"]
    assert {1, 2} <= set(of_container["values"])
    assert again.isdisjoint(of_container["values"])


def status_after(error: type[SentigradeError], monkeypatch: pytest.MonkeyPatch) -> object:
    """Return the status with which the command line ends after an error."""

    def fail() -> None:
        raise error("told")

    monkeypatch.setattr("sentigrade.cli.cli", fail)
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def test_head_and_workers_of_ray_are_alike_and_the_head_scores_nothing(ray_job: Document) -> None:
    cluster = ray_job["rayClusterSpec"]
    (workers,) = cluster["workerGroupSpecs"]
    head, worker = (container_of(group["template"]["spec"]) for group in (cluster["headGroupSpec"], workers))
    for name in ("image", "env", "securityContext", "volumeMounts", "readinessProbe", "livenessProbe"):
        assert head[name] == worker[name], name
    assert cluster["headGroupSpec"]["rayStartParams"] == {"num-cpus": "0"}
    assert workers["rayStartParams"] == {}
    assert workers["replicas"] > 0
    assert head["readinessProbe"]["httpGet"] == {"path": "/api/healthz", "port": 52365}


def test_the_cluster_of_ray_is_of_the_locked_version_and_asks_for_a_token(ray_job: Document) -> None:
    locked = re.search(r"^ray==(\S+)", (LOCKS / "ray.txt").read_text(), re.MULTILINE)
    assert locked
    assert ray_job["rayClusterSpec"]["rayVersion"] == locked[1]
    assert ray_job["rayClusterSpec"]["authOptions"] == {"mode": "token"}


def test_a_lost_cluster_of_ray_is_made_again_and_a_used_one_goes(ray_job: Document) -> None:
    assert ray_job["backoffLimit"] > 0
    assert ray_job["shutdownAfterJobFinishes"] is True
    assert ray_job["submissionMode"] == "HTTPMode"


def test_the_lock_of_ray_holds_what_takes_jobs_over_http_and_answers_probes() -> None:
    asked = [Requirement(line) for line in requires("ray") or []]
    takes_jobs = {
        each.name.replace("_", "-").lower()
        for each in asked
        if each.marker and each.marker.evaluate({"extra": "default"})
    }
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (LOCKS / "ray.txt").read_text(), re.MULTILINE))
    assert "aiohttp-cors" in takes_jobs
    assert takes_jobs <= locked


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_extras_that_the_pages_name_can_be_built_in(page: Path) -> None:
    given = re.findall(r"EXTRAS=(?:'([a-z ]+)'|([a-z]+))", page.read_text())
    named = {extra for each in given for extra in " ".join(each).split()}
    assert "batch" in named
    assert named <= extras_of_the_dockerfile()


def test_all_that_the_dockerfile_takes_from_the_locks_is_in_its_context() -> None:
    let_in = set(re.findall(r"^!requirements/(\w+)\.txt$", (REPOSITORY / ".dockerignore").read_text(), re.MULTILINE))
    assert let_in == extras_of_the_dockerfile() | {"core"}
    assert {f"{extra}.txt" for extra in let_in} <= {path.name for path in LOCKS.iterdir()}


def extras_of_the_dockerfile() -> set[str]:
    return set(re.findall(r"requirements/(\w+)\.txt", DOCKERFILE)) - {"core"}
