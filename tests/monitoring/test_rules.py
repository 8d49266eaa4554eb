"""The committed files, judged by Prometheus's own tool."""

import subprocess

import pytest

from tests.monitoring.conftest import Watched
from tests.monitoring.prometheus import FOLDER, program

pytestmark = pytest.mark.monitoring


def promtool(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [program("promtool"), *arguments]
    return subprocess.run(command, cwd=FOLDER, input=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus-local.yml"])
def test_prometheus_takes_the_configuration_and_the_rules_it_names(name: str) -> None:
    result = promtool("check", "config", name)
    assert result.returncode == 0, result.stderr
    assert "SUCCESS: 1 rule files found" in result.stdout


def test_each_alert_fires_when_it_should_and_only_then() -> None:
    result = promtool("test", "rules", "alerts_test.yml")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_metrics_are_named_as_is_usual(watched: Watched) -> None:
    result = promtool("check", "metrics", given=watched.metrics())
    assert result.returncode == 0, result.stdout + result.stderr
