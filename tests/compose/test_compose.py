"""The images and how Compose runs them: what answers, as whom, and what it may not do."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import pytest

from tests.compose.conftest import Project
from tests.live import PROBLEM, begin_upload, call, predict, receive, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

SERVICES = {"web": 10001, "nginx": 101}


def test_nginx_answers_on_the_published_port(project: Project) -> None:
    reply = predict(project.port, "A gorgeous, witty, seductive movie.")
    assert reply.status == 200
    assert reply.json["model"] == "sentiment"
    assert reply.headers["X-Request-ID"]


def test_nginx_errors_and_hidden_metrics_are_those_of_the_local_stack(project: Project) -> None:
    reply = call(project.port, "GET", "/metrics", headers={"X-Request-ID": "seven"})
    assert (reply.status, reply.headers["Content-Type"]) == (404, PROBLEM)
    assert reply.headers["X-Request-ID"] == "seven"


def test_metrics_are_for_the_inside_network(project: Project) -> None:
    network = next(iter(project.inspect("nginx")["NetworkSettings"]["Networks"]))
    scrape = "import urllib.request as r; print(r.urlopen('http://nginx:9145/metrics').read().decode())"
    image = project.inspect("web")["Image"]
    metrics = project.docker("run", "--rm", "--network", network, "--entrypoint", "python", image, "-c", scrape).stdout
    assert "sentigrade_requests_total" in metrics
    assert list(project.inspect("nginx")["HostConfig"]["PortBindings"]) == ["1337/tcp"]


def test_only_nginx_is_published(project: Project) -> None:
    assert not project.inspect("web")["HostConfig"]["PortBindings"]
    (address,) = (network["IPAddress"] for network in project.inspect("web")["NetworkSettings"]["Networks"].values())
    for port in (80, 1337, 5000, 8000, 8080):
        with socket.socket() as probe:
            probe.settimeout(1)
            assert probe.connect_ex((address, port)) != 0, f"web listens on {port}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_process_is_an_ordinary_user_without_capabilities(project: Project, service: str) -> None:
    status_files = project.inside(service, "sh", "-c", "cat /proc/[0-9]*/status").stdout
    lines = [line.split() for line in status_files.splitlines()]
    uids = {uid for name, *values in lines if name == "Uid:" for uid in values}
    capabilities = {
        int(values[0], 16) for name, *values in lines if name in ("CapEff:", "CapPrm:", "CapBnd:", "CapAmb:")
    }
    new_privileges_refused = {values[0] for name, *values in lines if name == "NoNewPrivs:"}
    assert uids == {str(SERVICES[service])}
    assert capabilities == {0}
    assert new_privileges_refused == {"1"}


@pytest.mark.parametrize("service", SERVICES)
def test_the_root_file_system_is_read_only(project: Project, service: str) -> None:
    assert project.inspect(service)["HostConfig"]["ReadonlyRootfs"]
    result = project.inside(service, "sh", "-c", "touch /srv/x || touch /x || touch /etc/nginx/x")
    assert result.returncode != 0
    assert "Read-only file system" in result.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_memory_and_processes_are_limited(project: Project, service: str) -> None:
    limits = project.inspect(service)["HostConfig"]
    assert limits["Memory"] > 0
    assert limits["PidsLimit"] > 0


@pytest.mark.parametrize("service", SERVICES)
def test_docker_sees_that_it_is_healthy(project: Project, service: str) -> None:
    assert project.inspect(service)["State"]["Health"]["Status"] == "healthy"


def test_the_image_itself_has_no_health_check(project: Project) -> None:
    """One in the image would also judge `train` and `predict`, which serve nothing."""
    image = json.loads(project.docker("image", "inspect", project.inspect("web")["Image"]).stdout)[0]
    assert "Healthcheck" not in image["Config"]


def test_an_unknown_role_is_refused(project: Project) -> None:
    result = project.run("web", "dance")
    assert result.returncode == 64
    assert (
        "'dance' is not a role of this image: use serve, web, train, process, batch, lambda, predict, key or "
        "a command of the store" in result.stderr
    )


def test_the_same_image_looks_after_its_store(project: Project) -> None:
    result = project.run("web", "verify", "sentiment")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith(" is sound and answers.\n")


def test_the_same_image_predicts_on_the_command_line(project: Project) -> None:
    result = project.run("web", "predict", "A gorgeous, witty, seductive movie.")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["model"] == "sentiment"


@pytest.mark.parametrize(
    ("capabilities", "expected"), [(["--cap-drop", "ALL"], "0"), ([], "10001")], ids=["without", "with"]
)
def test_root_steps_down_where_it_has_the_capability(project: Project, capabilities: list[str], expected: str) -> None:
    show_user = (
        r"printf '#!/bin/sh\nid -u\n' >/tmp/sentigrade; chmod +x /tmp/sentigrade; PATH=/tmp:$PATH entrypoint serve"
    )
    as_root = ["run", "--rm", "--user", "0", *capabilities, "--entrypoint", "sh", project.inspect("web")["Image"]]
    assert project.docker(*as_root, "-c", show_user).stdout.strip() == expected


def test_the_image_holds_nothing_for_tests_or_development(project: Project) -> None:
    listing = "import importlib.metadata; print(*(found.name for found in importlib.metadata.distributions()))"
    names = {name.lower() for name in project.inside("web", "python", "-c", listing).stdout.split()}
    assert "sentigrade" in names
    assert names.isdisjoint({"pip", "pytest", "hypothesis", "ruff", "mypy", "import-linter"})
    assert names.isdisjoint({"fasttext-community", "torch"})  # of the extras
    folders = ("/srv/sentigrade", "/srv/sentigrade/model_store", "/srv/sentigrade/nginx")
    assert project.inside("web", "ls", "-A", *folders).stdout.split("\n\n") == [
        "/srv/sentigrade:\nmodel_store\nnginx",
        "/srv/sentigrade/model_store:\npolarity\nsentiment\ntoxicity",
        "/srv/sentigrade/nginx:\nanswers.conf\nerrors.conf\nnginx.conf\ntemplates\n",
    ]


def test_a_request_in_flight_is_answered_before_the_stop(project: Project) -> None:
    body = b'{"mytext": "A fine film."}'
    try:
        with begin_upload(project.port, len(body)) as upload, ThreadPoolExecutor(1) as operator:
            stopping = operator.submit(project.compose, "stop")
            wait_until(lambda: not answers(project.port), "refusing new requests")
            upload.sendall(body)
            assert receive(upload).json["model"] == "sentiment"
            stopping.result()
        assert {service: project.inspect(service)["State"]["ExitCode"] for service in SERVICES} == {
            "web": 0,
            "nginx": 0,
        }
    finally:
        project.start()


def answers(port: int) -> bool:
    try:
        return call(port, "GET", "/health/live").status == 200
    except (OSError, HTTPException):
        return False
