"""Prometheus and Grafana beside the service, as far as Compose can tell without their images."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.live import REPOSITORY

pytestmark = pytest.mark.compose

FILES = ("docker-compose.yml", "deploy/monitoring/compose.yml")
ADDED = ("prometheus", "grafana")


def config(**environment: str) -> subprocess.CompletedProcess[str]:
    options = [option for file in FILES for option in ("--file", file)]
    command = ["docker", "compose", *options, "config", "--format", "json"]
    own = {name: value for name, value in os.environ.items() if name != "GRAFANA_PASSWORD"}
    return subprocess.run(command, cwd=REPOSITORY, env=own | environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    result = config(GRAFANA_PASSWORD="of this test")  # noqa: S106 - nothing is started with it
    assert result.returncode == 0, result.stderr
    read: dict[str, Any] = json.loads(result.stdout)["services"]
    return read


def test_nobody_starts_grafana_without_a_password() -> None:
    result = config()
    assert result.returncode != 0
    assert "GRAFANA_PASSWORD" in result.stderr


@pytest.mark.parametrize("name", ADDED)
def test_only_this_host_reaches_it(services: dict[str, Any], name: str) -> None:
    assert {port["host_ip"] for port in services[name]["ports"]} == {"127.0.0.1"}


@pytest.mark.parametrize("name", ADDED)
def test_it_is_hardened_as_the_service_is(services: dict[str, Any], name: str) -> None:
    for option in ("read_only", "cap_drop", "security_opt", "restart", "logging"):
        assert services[name][option] == services["web"][option]
    assert services[name]["deploy"]["resources"]["limits"].keys() == {"memory", "pids"}


@pytest.mark.parametrize("name", ADDED)
def test_what_it_reads_of_the_repository_is_there_and_not_its_to_write(services: dict[str, Any], name: str) -> None:
    bound = [volume for volume in services[name]["volumes"] if volume["type"] == "bind"]
    assert bound
    for volume in bound:
        assert volume["read_only"]
        assert (REPOSITORY / volume["source"]).is_dir()


def test_the_service_itself_stays_as_it_is(services: dict[str, Any]) -> None:
    command = ["docker", "compose", "config", "--format", "json"]
    alone = json.loads(subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout)
    assert {name: services[name] for name in services if name not in ADDED} == alone["services"]
