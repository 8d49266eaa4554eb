"""Update and rollback by digest, with `sentigrade-release` on a real engine."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.history import MODELS, History
from tests.end_to_end.crowd import Crowd
from tests.live import REPOSITORY, call, free_port, predict

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

RELEASE = REPOSITORY / "deploy" / "ec2" / "release"


def nameless_volumes() -> set[str]:
    """Those that Docker made for an image's VOLUME, which nobody would ever find again."""
    listing = subprocess.run(["docker", "volume", "ls", "--quiet"], check=True, capture_output=True, text=True).stdout
    return {name for name in listing.split() if re.fullmatch("[0-9a-f]{64}", name)}


class Host:
    """A folder and a Compose project that `sentigrade-release` takes for its host."""

    def __init__(self, project: str, home: Path, origin: Path) -> None:
        self.port = free_port()
        self.project = project
        self._home = home
        repository = str(home / "repository.git")
        subprocess.run(["git", "init", "--quiet", "--bare", repository], check=True)
        subprocess.run(["git", "-C", repository, "config", "remote.origin.url", f"file://{origin}"], check=True)
        (home / ".env").write_text(f"SENTIGRADE_PORT={self.port}\nSENTIGRADE_WORKERS=1\n")

    def release(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("SENTIGRADE_")}
        own = {
            "SENTIGRADE_HOME": str(self._home),
            "SENTIGRADE_PROJECT": self.project,
            "SENTIGRADE_START_SECONDS": "60",
        }
        return subprocess.run([RELEASE, *arguments], env=foreign | own, capture_output=True, text=True, check=False)

    def set(self, line: str) -> None:
        """Add a setting to those that stay when the release changes."""
        with (self._home / ".env").open("a") as settings:
            settings.write(f"{line}\n")

    def to(self, commit: str) -> None:
        result = self.release("to", commit, MODELS)
        assert result.returncode == 0, result.stdout + result.stderr

    def running(self) -> dict[str, str]:
        """The digest of the image that each service runs."""
        return {service: self.inspect(service, "{{.Image}}") for service in ("web", "nginx")}

    def inspect(self, service: str, what: str) -> str:
        """What Docker says of the one container of a service."""
        (container,) = self.release("compose", "ps", "--all", "--quiet", service).stdout.split()
        command = ["docker", "inspect", "--format", what, container]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def current(self) -> str:
        """What `list` says of the release that is marked."""
        listing = self.release("list").stdout
        (current,) = re.findall(r"^\* .*\n(?:   .*\n)*", listing, re.MULTILINE)
        return str(current)

    def remove(self) -> None:
        """Take away the containers, and the images of every release."""
        self.release("compose", "down", "--volumes", "--timeout", "1")
        listing = ["docker", "image", "ls", "--filter", f"reference={self.project}-*", "--format"]
        names = subprocess.run([*listing, "{{.Repository}}:{{.Tag}}"], check=True, capture_output=True, text=True)
        subprocess.run(["docker", "image", "rm", *names.stdout.split()], check=False, capture_output=True)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, history: History) -> Iterator[Host]:
    # A name that no other project's name begins with.
    host = Host(f"host-of-{os.getpid()}", tmp_path_factory.mktemp("host"), history.folder)
    try:
        yield host
    finally:
        host.remove()


def test_a_release_runs_goes_on_to_the_next_and_back(host: Host, history: History, first_commit: str) -> None:
    volumes = nameless_volumes()
    host.to(first_commit)
    first = host.running()
    assert first_commit in host.current()
    assert MODELS in host.current()
    assert all(digest in host.current() for digest in first.values())
    assert predict(host.port, "A fine film.").status == 200

    nginx = host.inspect("nginx", "{{.Id}}")
    # Built again, with nothing new in it but the times: nginx, which is not replaced without a lost request, goes on.
    history.commit("nginx/Dockerfile", "/etc/nginx/spool\n", "/etc/nginx/spool && true\n")
    second_commit = history.commit("services/entrypoint.sh", "set -eu\n", "set -eu\n# The second release.\n")
    with Crowd(host.port, callers=2):
        host.to(second_commit)
    assert host.inspect("nginx", "{{.Id}}") == nginx
    second = host.running()
    assert second_commit in host.current()
    assert second["web"] != first["web"]
    assert predict(host.port, "A fine film.").status == 200

    # One that ends at once is given up, and the one before has never stopped.
    started = host.inspect("web", "{{.State.StartedAt}}")
    bad_commit = history.commit("services/entrypoint.sh", "set -eu\n", "set -eu\necho woe\nexit 1\n")
    with Crowd(host.port, callers=2):
        result = host.release("to", bad_commit, MODELS)
    assert result.returncode == 1
    assert "the last lines of the new one:\nwoe\n" in result.stderr
    assert "back on release 2" in result.stderr
    assert bad_commit not in host.release("list").stdout
    assert host.running() == second
    assert host.inspect("web", "{{.State.StartedAt}}") == started

    # One that cannot be built never replaces anything.
    broken_commit = history.commit("services/Dockerfile", "WORKDIR /build", "WORKDIR /build\nRUN false")
    assert host.release("to", broken_commit, MODELS).returncode != 0
    assert broken_commit not in host.release("list").stdout
    assert host.inspect("web", "{{.State.StartedAt}}") == started

    # By digest: what the repository says by now plays no part.
    with Crowd(host.port, callers=2):
        result = host.release("back")
    assert result.returncode == 0, result.stderr
    assert host.running() == first
    assert {service: host.inspect(service, "{{.Config.Image}}") for service in first} == first
    assert predict(host.port, "A fine film.").status == 200
    result = host.release("back")
    assert (result.returncode, "no release to go back to" in result.stderr) == (1, True)
    assert nameless_volumes() == volumes


def test_settings_that_change_are_applied_without_a_lost_request(host: Host) -> None:
    before = host.inspect("web", "{{.Id}}")
    assert host.release("start").returncode == 0
    assert host.inspect("web", "{{.Id}}") == before
    host.set("SENTIGRADE_MAX_TEXTS=1")
    with Crowd(host.port, callers=2):
        assert host.release("start").returncode == 0
    assert call(host.port, "POST", "/", {"mytext": ["one", "two"]}).status == 422


def test_systemd_s_stop_and_start_are_those_of_the_current_release(host: Host) -> None:
    running = host.running()
    assert host.release("stop").returncode == 0
    assert host.inspect("web", "{{.State.Status}}") == "exited"
    assert host.release("start").returncode == 0
    assert host.running() == running
    assert predict(host.port, "A fine film.").status == 200
