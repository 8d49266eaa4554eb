"""A real Prometheus on a free port of this host."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import yaml

from tests.live import REPOSITORY, call, free_port, wait_until

FOLDER = REPOSITORY / "deploy" / "monitoring"
_START_SECONDS = 30


class Series(NamedTuple):
    """The labels of a series, and its values by their time in seconds."""

    labels: Mapping[str, str]
    values: list[tuple[float, float]]


class Prometheus:
    """One that runs."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, path: str, **parameters: object) -> Any:  # noqa: ANN401 - whatever the API says
        """Return `data` of an answer of its API; AssertionError with its own words when it refuses."""
        reply = call(self._port, "GET", f"/api/v1/{path}?{urlencode(parameters)}")
        assert reply.status == 200, reply.text
        return reply.json["data"]

    def now(self, expression: str) -> list[Series]:
        """Return what an expression is at this moment."""
        found = self.ask("query", query=expression)["result"]
        return [Series(one["metric"], [_point(one["value"])]) for one in found]

    def between(self, expression: str, start: float, end: float, step: float) -> list[Series]:
        """Return what an expression was, every `step` seconds."""
        found = self.ask("query_range", query=expression, start=start, end=end, step=step)["result"]
        return [Series(one["metric"], [_point(point) for point in one["values"]]) for one in found]

    def is_ready(self) -> bool:
        try:
            return call(self._port, "GET", "/-/ready").status == 200
        except OSError:
            return False


@contextmanager
def scraping(folder: Path, target_port: int, seconds: int = 1) -> Iterator[Prometheus]:
    """Start one with the committed configuration, but for the port of the service and how often it looks there."""
    port, file = free_port(), folder / "prometheus.yml"
    file.write_text(json.dumps(configuration(target_port, seconds)))
    command = [program("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
    process = subprocess.Popen(command, cwd=folder)
    running = Prometheus(port)
    try:
        wait_until(lambda: process.poll() is not None or running.is_ready(), "a ready Prometheus", _START_SECONDS)
        assert process.poll() is None, "Prometheus has ended; its reason is above"
        yield running
    finally:
        process.terminate()
        process.wait(30)


def configuration(target_port: int, seconds: int) -> dict[str, Any]:
    """Return the configuration for this host with another port and interval."""
    written: dict[str, Any] = yaml.safe_load((FOLDER / "prometheus-local.yml").read_text())
    written["global"] |= dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), f"{seconds}s")
    written["rule_files"] = [str(FOLDER / name) for name in written["rule_files"]]
    written["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{target_port}"]}]
    return written


def program(name: str) -> str:
    """Return where a program of Prometheus lies; AssertionError, saying what to install, when it is nowhere."""
    found = shutil.which(name)
    assert found, f"{name} is not installed; on Debian: apt-get install --no-install-recommends prometheus"
    return found


def _point(pair: tuple[float, str]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])
