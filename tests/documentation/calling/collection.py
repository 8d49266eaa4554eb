"""The Postman collection, run as Postman's own newman does."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.documentation.calling.service import TOOLS, Service
from tests.live import REPOSITORY

COLLECTION = REPOSITORY / "docs" / "sentigrade.postman_collection.json"
NEWMAN = TOOLS.parent / "newman" / "node_modules" / "newman" / "bin" / "newman.js"


@dataclass(frozen=True)
class Execution:
    """One request that newman has sent."""

    name: str
    status: int
    body: str
    assertions: int


def requests() -> list[dict[str, Any]]:
    """Return the requests of all folders, in their order."""
    return list(_requests_in(json.loads(COLLECTION.read_text(encoding="utf-8"))["item"]))


def _requests_in(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if "item" in item:
            yield from _requests_in(item["item"])
        else:
            yield item


def run(service: Service, names: Iterable[str]) -> list[Execution]:
    """Send the requests of these names to a service; AssertionError, with newman's words, when one fails its tests."""
    assert NEWMAN.exists(), "newman is not installed: run `make .venv/newman/installed`"
    report = service.folder / "newman.json"
    variables = {"host": service.url, "key": service.key, "model_folder": f"{service.folder}/model_store/polarity/1"}
    command = [str(TOOLS / "node"), str(NEWMAN), "run", str(COLLECTION), "--color", "off"]
    command += ["--reporters", "cli,json", "--reporter-json-export", str(report)]
    command += [argument for name, value in variables.items() for argument in ("--env-var", f"{name}={value}")]
    command += [argument for name in names for argument in ("--folder", name)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return [_execution(told) for told in json.loads(report.read_text(encoding="utf-8"))["run"]["executions"]]


def _execution(told: dict[str, Any]) -> Execution:
    response = told["response"]
    body = bytes(response["stream"]["data"]).decode() if "stream" in response else ""
    return Execution(told["item"]["name"], response["code"], body, len(told.get("assertions", [])))
