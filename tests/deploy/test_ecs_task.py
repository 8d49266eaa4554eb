"""The task of the service on a Docker engine: as its definition has it, it starts, answers and stops."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentigrade.api_keys import add_key
from tests.deploy.task_on_docker import TaskOnDocker
from tests.deploy.test_ecs_service import SECRET, containers, stack
from tests.deploy.together_on_docker import docker
from tests.live import begin_upload, call, receive

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

STACK = stack(ApiKeysSecret=SECRET)
USERS = {name: container["User"].partition(":")[0] for name, container in containers(STACK).items()}


class Keys:
    """The text of a file of API keys, and one of the keys."""

    def __init__(self, folder: Path) -> None:
        file = folder / "keys"
        self.headers = {"X-API-Key": add_key(file, "alice")}
        self.text = file.read_text()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


def task(name: str, images: dict[str, str], keys: Keys) -> TaskOnDocker:
    return TaskOnDocker(f"{name}-{os.getpid()}", STACK.resources["Task"], images, {SECRET: keys.text})


@pytest.fixture(scope="module")
def running(images: dict[str, str], keys: Keys) -> Iterator[TaskOnDocker]:
    """A task that all tests share. Do not stop it; start your own for that."""
    with task("task", images, keys) as running:
        yield running


def test_it_answers_whoever_has_a_key_of_the_secret(running: TaskOnDocker, keys: Keys) -> None:
    body = {"mytext": "A warm, funny and well-made film."}
    assert call(running.port, "POST", "/v1/predict", body).status == 401
    reply = call(running.port, "POST", "/v1/predict", body, keys.headers)
    assert (reply.status, reply.json["label"]) == (200, "Positive")


def test_it_has_a_worker_for_each_core_that_was_paid_for(running: TaskOnDocker) -> None:
    metrics = running.inside("nginx", "curl", "--silent", "http://127.0.0.1:9145/metrics")
    assert 'sentigrade_workers{role="web"} 1.0' in metrics


@pytest.mark.parametrize("name", USERS)
def test_every_process_is_the_user_of_the_definition_without_capabilities(running: TaskOnDocker, name: str) -> None:
    assert running.users(name) == {USERS[name]}
    assert running.capabilities(name) == {0}


@pytest.mark.parametrize("path", ["/x", "/etc/nginx/x", "/run/sentigrade/x"])
def test_nginx_writes_to_its_own_volumes_alone(running: TaskOnDocker, path: str) -> None:
    assert "Read-only file system" in running.inside("nginx", "touch", path)
    assert running.inside("nginx", "touch", "/etc/nginx/spool/x") == ""


def test_the_load_balancer_says_who_calls(running: TaskOnDocker, keys: Keys) -> None:
    """It comes from the network of the VPC; here, nobody does who would be believed."""
    trusted = {each["Name"]: each["Value"] for each in containers(STACK)["nginx"]["Environment"]}
    written = running.inside("nginx", "cat", "/etc/nginx/conf.d/callers.conf")
    assert f"set_real_ip_from {trusted['SENTIGRADE_TRUSTED_PROXY']};" in written


def test_rows_are_answered_up_to_the_bound_of_the_disk(running: TaskOnDocker, keys: Keys) -> None:
    headers = {"Content-Type": "text/csv", **keys.headers}
    body = "text\n" + "A superb film with a plot that holds.\n" * 200_000
    reply = call(running.port, "POST", "/v1/predict", body.encode(), headers)
    assert reply.status == 200
    assert len(reply.body.splitlines()) == 200_001
    assert call(running.port, "POST", "/v1/predict", b"x" * (64 * 2**20 + 1), headers).status == 413


def test_a_request_in_flight_is_answered_before_it_stops(images: dict[str, str], keys: Keys) -> None:
    body = b'{"mytext": "A fine film."}'
    with task("going", images, keys) as going:
        with begin_upload(going.port, len(body)) as upload:
            docker("kill", "--signal", "QUIT", going.container("nginx"))
            upload.sendall(body)
            # It has no key, and is told so: an answer all the same.
            assert receive(upload).status == 401
        assert going.stop() == {"nginx": 0, "web": 0}
