"""The containers, built and started once under a project name and a port of their own."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest

from tests.compose.history import History
from tests.live import REPOSITORY, free_port


class Project:
    """One Docker Compose project."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()

    def compose(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` on this project."""
        return self.docker("compose", "--project-name", self.name, *arguments, check=check)

    def start(self) -> None:
        """Start what is not running, and wait until it is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "120")

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Build and start everything; in the end all of it goes."""
        try:
            self.compose("build")
            self.start()
            yield self
        finally:
            self.compose("down", "--volumes", "--rmi", "local", "--timeout", "1", check=False)

    def run(self, service: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command in a new container of a service."""
        return self.compose("run", "--rm", "--no-deps", "-T", service, *arguments, check=False)

    def inside(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container that serves."""
        return self.compose("exec", "-T", service, *command, check=False)

    def inspect(self, service: str) -> Any:  # noqa: ANN401 - Docker's JSON
        """Return what Docker knows about a service's container."""
        container = self.compose("ps", "--all", "--quiet", service).stdout.strip()
        return json.loads(self.docker("inspect", container).stdout)[0]

    def docker(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `docker` with this project's settings; AssertionError with its output when it fails."""
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("SENTIGRADE_")}
        own = {"SENTIGRADE_PORT": str(self.port), "SENTIGRADE_WORKERS": "2"}
        result = subprocess.run(
            ["docker", *arguments], cwd=REPOSITORY, env=foreign | own, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0 or not check, result.stdout + result.stderr
        return result


@pytest.fixture(scope="session")
def project() -> Iterator[Project]:
    """The built and running project. A test that stops it starts it again."""
    with Project(f"sentigrade-test-{os.getpid()}").running() as project:
        yield project


@pytest.fixture(scope="session")
def image(project: Project) -> str:
    """The image of the service."""
    return str(project.inspect("web")["Image"])


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """A repository of this module's own, with nothing committed yet."""
    return History(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="module")
def first_commit(history: History) -> str:
    return history.commit()
