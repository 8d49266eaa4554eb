"""The image as Lambda runs it: as nobody in particular, without shared memory, with nothing to write to but /tmp."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.compose.conftest import Project
from tests.lambda_runtime import Function, RuntimeApi, started
from tests.live import DEFAULT_VERSION

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

# Lambda's limits for a function as the template makes it.
MEMORY, TEMPORARY = "1769m", "/tmp:size=512m"  # noqa: S108 - of a container
# `--ipc none` leaves out /dev/shm, as Lambda does; the Runtime API listens on this host's loopback.
SANDBOX = [
    *("--user", "993:990", "--read-only", "--tmpfs", TEMPORARY, "--cap-drop", "ALL", "--ipc", "none"),
    *("--security-opt", "no-new-privileges", "--memory", MEMORY, "--network", "host"),
]


class WithLambda(Project):
    """A project whose image has the extra `lambda`."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self._settings = folder / "settings"
        self._settings.write_text("SENTIGRADE_EXTRAS=lambda\n")

    def compose(self, *arguments: str, check: bool = True) -> Any:  # noqa: ANN401 - as the project's own
        return super().compose("--env-file", str(self._settings), *arguments, check=check)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    project = WithLambda(f"lambda-{os.getpid()}", tmp_path_factory.mktemp("lambda"))
    try:
        project.compose("build", "web")
        yield f"{project.name}-web"
    finally:
        project.compose("down", "--rmi", "local", check=False)


@contextmanager
def sandbox(project: Project, image: str, log: Path, environ: dict[str, str] | None = None) -> Iterator[Function]:
    """Run the image as a function."""
    name = f"{project.name}-{uuid4().hex[:8]}"
    with RuntimeApi().listening() as api:
        variables = [f"--env={name}={value}" for name, value in {**api.environ, **(environ or {})}.items()]
        command = ["docker", "run", "--rm", "--name", name, *SANDBOX, *variables, image, "lambda"]
        try:
            with started(api, command, os.environ, log) as running:
                yield running
        finally:
            project.docker("rm", "--force", "--volumes", name, check=False)


@pytest.fixture(scope="module")
def running(project: Project, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    with sandbox(project, image, tmp_path_factory.mktemp("sandbox") / "log") as running:
        yield running


def test_it_answers_with_the_model_that_it_carries(running: Function) -> None:
    reply = running.call("POST", "/", {"mytext": "A superb plot."})
    assert (reply.status, reply.json["label"], reply.json["version"]) == (200, "Positive", DEFAULT_VERSION)


def test_it_answers_rows_that_lie_on_its_disk(running: Function) -> None:
    table = "text,note\n" + f"A superb plot.,{'n' * 1200}\n" * 1000
    reply = running.call("POST", "/v1/predict", table.encode(), {"Content-Type": "text/csv"})
    assert (reply.status, len(reply.text.splitlines())) == (200, 1001)


def test_its_log_is_lines_of_json_alone(running: Function) -> None:
    running.call("GET", "/health/ready")
    lines = list(map(json.loads, running.log.splitlines()))
    assert lines[0]["message"] == "ready"


def test_a_wrong_setting_is_said_to_lambda(project: Project, image: str, tmp_path: Path) -> None:
    with sandbox(project, image, tmp_path / "log", {"SENTIGRADE_MODELS": "none"}) as starting:
        outcome = starting.outcome()
        assert (outcome.kind, outcome.said["errorType"]) == ("init/error", "StoreError")
        assert "has no promoted version of none" in outcome.said["errorMessage"]
        assert starting.process.wait(30) == 1


def test_an_image_without_the_extra_says_how_to_build_one(project: Project) -> None:
    plain = str(project.inspect("web")["Image"])
    result = project.docker("run", "--rm", *SANDBOX, plain, "lambda", check=False)
    assert result.returncode == 64
    assert "build it with --build-arg EXTRAS=lambda" in result.stderr
