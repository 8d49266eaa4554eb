"""The pod of deploy/eks on a Docker engine: as the manifest has it, it starts, answers and stops."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import pytest

from tests.deploy.kustomized import environment, rendered, service_pod
from tests.deploy.pod_on_docker import PodOnDocker
from tests.deploy.together_on_docker import docker
from tests.end_to_end.crowd import Crowd
from tests.live import begin_upload, call, predict, receive, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

TRIAL = rendered("overlays/trial")
POD = service_pod(TRIAL)
USERS = {each["name"]: each["securityContext"]["runAsUser"] for each in POD.containers}
SERVES_ON = POD.container("nginx")["lifecycle"]["preStop"]["sleep"]["seconds"]
PROBES = [(each["name"], probe) for each in POD.containers for probe in each if probe.endswith("Probe")]


@pytest.fixture(scope="module")
def running(images: dict[str, str]) -> Iterator[PodOnDocker]:
    """A pod that all tests share. Do not stop it; start your own for that."""
    with PodOnDocker(f"pod-{os.getpid()}", POD, TRIAL, images) as pod:
        yield pod


def test_it_answers_at_nginx_s_port_and_gives_metrics_at_the_other(running: PodOnDocker) -> None:
    reply = predict(running.ports[1337], "A warm, funny and well-made film.")
    assert (reply.status, reply.json["model"]) == (200, "sentiment")
    assert "sentigrade_workers" in call(running.ports[9145], "GET", "/metrics").text
    assert call(running.ports[1337], "GET", "/metrics").status == 404


@pytest.mark.parametrize(("name", "probe"), PROBES)
def test_a_probe_of_the_manifest_succeeds(running: PodOnDocker, name: str, probe: str) -> None:
    assert running.answers(name, POD.container(name)[probe])


@pytest.mark.parametrize("name", USERS)
def test_every_process_is_the_manifest_s_user_without_capabilities(running: PodOnDocker, name: str) -> None:
    assert running.users(name) == {str(USERS[name])}
    assert running.capabilities(name) == {0}


@pytest.mark.parametrize("path", ["/x", "/etc/nginx/x", "/run/sentigrade/x"])
def test_nginx_writes_to_its_volumes_alone(running: PodOnDocker, path: str) -> None:
    assert "Read-only file system" in running.inside("nginx", "touch", path)
    assert running.inside("nginx", "touch", "/etc/nginx/spool/x") == ""


def test_nginx_has_as_many_processes_as_it_is_told_and_not_one_for_each_core(running: PodOnDocker) -> None:
    told = environment(POD.container("nginx"), TRIAL)["SENTIGRADE_NGINX_WORKERS"]
    assert f"\nworker_processes {told};" in running.inside("nginx", "cat", "/etc/nginx/conf.d/workers.conf")
    names = running.inside("nginx", "sh", "-c", "cat /proc/[0-9]*/comm").splitlines()
    assert names.count("nginx") == int(told) + 1


def test_a_body_of_rows_larger_than_memory_buffers_is_answered_row_by_row(running: PodOnDocker) -> None:
    body = "text\n" + "A superb film with a plot that holds.\n" * 200_000
    reply = call(running.ports[1337], "POST", "/v1/predict", body.encode(), {"Content-Type": "text/csv"})
    assert reply.status == 200
    assert len(reply.body.splitlines()) == 200_001


def test_gunicorn_that_was_killed_takes_its_socket_again_beside_the_same_nginx(running: PodOnDocker) -> None:
    docker("kill", running.container("web"))
    assert not running.answers("nginx", POD.container("nginx")["readinessProbe"])
    docker("start", running.container("web"))
    wait_until(lambda: running.answers("nginx", POD.container("nginx")["readinessProbe"]), "readiness")
    assert predict(running.ports[1337], "A fine film.").status == 200


def test_a_pod_that_goes_loses_no_request(images: dict[str, str]) -> None:
    body = b'{"mytext": "A fine film."}'
    with PodOnDocker(f"going-{os.getpid()}", POD, TRIAL, images) as pod, ThreadPoolExecutor(1) as kubelet:
        port = pod.ports[1337]
        with Crowd(port) as crowd:
            begun = time.monotonic()
            stopping = kubelet.submit(pod.stop)
            # The load balancer sends requests for a while yet.
            while time.monotonic() < begun + SERVES_ON - 10:
                crowd.go_on()
        with begin_upload(port, len(body)) as upload:
            wait_until(lambda: not answers(port), "refusing new requests", SERVES_ON + 30)
            upload.sendall(body)
            assert receive(upload).json["model"] == "sentiment"
        assert stopping.result() == {"web": 0, "nginx": 0}
        ended = {name: docker("inspect", "--format", "{{.State.FinishedAt}}", pod.container(name)) for name in USERS}
        assert ended["nginx"] < ended["web"]


def answers(port: int) -> bool:
    try:
        return call(port, "GET", "/health/live").status == 200
    except (OSError, HTTPException):
        return False
