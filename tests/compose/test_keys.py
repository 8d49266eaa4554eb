"""API keys in the containers: the host's file is mounted, and a change of it counts without a restart."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentigrade.api_keys import add_key, remove_key
from tests.compose.conftest import Project
from tests.live import PROBLEM, call, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]


class GuardedProject(Project):
    """The project with a file of keys, as the host's SENTIGRADE_API_KEYS names it."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.file = folder / "keys"
        self.first_key = add_key(self.file, "operator")
        self._settings = folder / "settings"
        self._settings.write_text(f"SENTIGRADE_API_KEYS={self.file}\n")

    def compose(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        return super().compose("--env-file", str(self._settings), *arguments, check=check)

    def key(self, *arguments: str) -> str:
        """Run `sentigrade key` of the image on the host's folder, before there is any key as well."""
        mount = ["--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{self.file.parent}:/keys"]
        return super().compose("run", "--rm", "--no-deps", "-T", *mount, "web", "key", *arguments).stdout.strip()

    def takes(self, key: str) -> bool:
        return call(self.port, "GET", "/v1/models", headers={"X-API-Key": key}).status == 200


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[GuardedProject]:
    started = GuardedProject(f"{project.name}-keys", tmp_path_factory.mktemp("keys"))
    with started.running():
        yield started


def test_a_key_opens_in_either_header_and_nothing_else_does(guarded: GuardedProject) -> None:
    for headers in ({"X-API-Key": guarded.first_key}, {"Authorization": f"Bearer {guarded.first_key}"}):
        assert (
            call(guarded.port, "POST", "/v1/predict", {"mytext": "A warm film."}, headers).json["label"] == "Positive"
        )
    reply = call(guarded.port, "POST", "/v1/predict", {"mytext": "A warm film."})
    assert (reply.status, reply.headers["Content-Type"]) == (401, PROBLEM)
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="Sentigrade"'
    assert call(guarded.port, "GET", "/health/ready").status == 200


def test_keys_come_and_go_on_the_host_without_a_restart(guarded: GuardedProject) -> None:
    started = guarded.inspect("web")["State"]["StartedAt"]
    key = add_key(guarded.file, "guest")
    wait_until(lambda: all(guarded.takes(key) for _ in range(20)), "the new key")
    remove_key(guarded.file, "guest")
    wait_until(lambda: not any(guarded.takes(key) for _ in range(20)), "the end of the key")
    assert guarded.inspect("web")["State"]["StartedAt"] == started


def test_the_image_makes_and_takes_away_keys_itself(guarded: GuardedProject) -> None:
    key = guarded.key("add", "/keys/keys", "from-the-image")
    wait_until(lambda: all(guarded.takes(key) for _ in range(20)), "the key of the image")
    assert "from-the-image" in guarded.key("list", "/keys/keys").split()
    guarded.key("remove", "/keys/keys", "from-the-image")
    wait_until(lambda: not any(guarded.takes(key) for _ in range(20)), "the end of the key")


def test_the_image_makes_the_first_key_of_all(guarded: GuardedProject) -> None:
    assert guarded.key("add", "/keys/first", "alice").startswith("sg_")
    assert guarded.file.with_name("first").read_text().startswith("alice sha256:")


def test_the_container_reads_the_file_and_cannot_change_it(guarded: GuardedProject) -> None:
    assert "SENTIGRADE_API_KEYS=/run/secrets/api_keys" in guarded.inspect("web")["Config"]["Env"]
    result = guarded.inside("web", "sentigrade", "key", "add", "/run/secrets/api_keys", "intruder")
    assert result.returncode != 0
    assert "intruder" not in guarded.file.read_text()


def test_without_the_setting_everyone_may_call(project: Project) -> None:
    assert "SENTIGRADE_API_KEYS=" in project.inspect("web")["Config"]["Env"]
    assert call(project.port, "GET", "/v1/models").status == 200


def test_a_file_that_is_not_there_opens_nothing(guarded: GuardedProject, tmp_path: Path) -> None:
    nowhere = tmp_path / "settings"
    nowhere.write_text(f"SENTIGRADE_API_KEYS={tmp_path}/nowhere\n")
    command = ["run", "--rm", "--no-deps", "-T", "web"]
    result = Project.compose(guarded, "--env-file", str(nowhere), *command, check=False)
    assert result.returncode != 0
    assert "nowhere" in result.stderr or "SENTIGRADE_API_KEYS: " in result.stderr
