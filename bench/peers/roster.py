"""The peers: other servers for the same model, each in an environment of its own, with its best settings.

Apps and settings are chosen in a peer's favour; README.md says how.
"""

import json
from collections.abc import Callable, Mapping
from importlib.metadata import Distribution
from pathlib import Path
from typing import NamedTuple

from bench.errors import BenchError

_ENVIRONMENTS = Path(".venv-peers")


class Command(NamedTuple):
    """How a server is started: a program of its environment, its arguments, and environment variables."""

    program: str
    arguments: list[str]
    environ: Mapping[str, str]


def litserve(folder: Path, port: int) -> Command:
    """Return how LitServe is started."""
    del folder  # it writes nothing
    return Command("python", ["-m", "bench.peers.apps.litserve", str(port)], {})


def mlserver(folder: Path, port: int) -> Command:
    """Return how MLServer is started; its settings are written to `folder`."""
    settings = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": 0,  # any: it cannot be switched off
        "metrics_endpoint": None,
        "parallel_workers": 0,
        "gzip_enabled": False,
        "debug": False,  # with it come access log lines
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    model = {"name": folder.name, "implementation": "bench.peers.apps.mlserver.Sentigrade"}
    (folder / "model-settings.json").write_text(json.dumps(model))
    return Command("mlserver", ["start", str(folder)], {})


def bentoml(folder: Path, port: int) -> Command:
    """Return how BentoML is started; what it keeps goes to `folder`."""
    arguments = ["serve", "bench.peers.apps.bentoml:Sentigrade", "--host", "127.0.0.1", "--port", str(port)]
    environ = {
        "BENTOML_DO_NOT_TRACK": "True",
        "BENTOML_HOME": str(folder / "home"),
        "OTEL_SDK_DISABLED": "true",  # its traces go nowhere, but are made
    }
    return Command("bentoml", arguments, environ)


PEERS: Mapping[str, Callable[[Path, int], Command]] = {
    "litserve": litserve,
    "mlserver": mlserver,
    "bentoml": bentoml,
}


def require_environments() -> None:
    """Raise BenchError when a peer's environment is missing."""
    for name in PEERS:
        if not (_ENVIRONMENTS / name / "installed").exists():
            raise BenchError(f"the environment {_ENVIRONMENTS / name} is missing: run `make bench-peers`")


def program(name: str, command: Command) -> list[str]:
    """Return the command line that runs `command` in the environment of the peer `name`."""
    # Not resolved: an environment's python is a link to one that knows nothing of the environment.
    return [str((_ENVIRONMENTS / name / "bin" / command.program).absolute()), *command.arguments]


def version(name: str) -> str:
    """Return the version of a peer, as its environment has it."""
    (packages,) = (_ENVIRONMENTS / name).glob("lib/python*/site-packages")
    (found,) = Distribution.discover(name=name, path=[str(packages)])
    return found.version
