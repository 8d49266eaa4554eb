"""What `sentigrade deploy sagemaker` gives to SageMaker, in the image: started as root, with no network to be seen."""

import json
import tarfile
from pathlib import Path
from typing import NamedTuple

import pytest

from sentigrade.aws.hosting.packing import ARCHIVE, Packable, find_packable, pack
from sentigrade.aws.hosting.wanted import Capacity, Instances, Runtime, Serverless
from sentigrade.settings import Settings
from tests.aws_server import IMAGE, ROLE
from tests.compose.conftest import Project
from tests.compose.serving_container import ServingContainer

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

TEMPORARY = "/tmp"  # noqa: S108 - of a container
# What both kinds of endpoints have in common; serverless ones are sandboxes like Lambda's, which have less of all else.
AS_ROOT = ("--user", "0", "--network", "none")
SANDBOX = ("--read-only", "--tmpfs", TEMPORARY, "--ipc", "none", "--memory", "2048m")
KINDS: dict[str, tuple[Capacity, tuple[str, ...]]] = {
    "instances": (Instances("ml.c5.large", 1), AS_ROOT),
    "serverless": (Serverless(2048, 20), (*AS_ROOT, *SANDBOX)),
}
# Asks from within: method, path and body are its arguments.
ASK = """
import http.client, json, sys
connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
method, path, body = sys.argv[1:]
connection.request(method, path, body or None, {"Content-Type": "application/json"} if body else {})
answer = connection.getresponse()
print(json.dumps([answer.status, answer.read().decode()]))
"""


class Reply(NamedTuple):
    """A status and a body."""

    status: int
    text: str


class Container(ServingContainer):
    """One that nobody outside can reach."""

    def call(self, method: str, path: str, body: str = "") -> Reply | None:
        """Ask from within; None where nothing listens yet."""
        asked = self._project.docker("exec", self._name, "python", "-c", ASK, method, path, body, check=False)
        return Reply(*json.loads(asked.stdout)) if asked.returncode == 0 else None

    def is_ready(self) -> bool:
        assert self.state["Running"], self._project.docker("logs", self._name)
        reply = self.call("GET", "/ping")
        return reply is not None and reply.status == 200


@pytest.fixture(scope="module")
def model(small_store: Path) -> Packable:
    """A model of another version than the one that the image carries."""
    return find_packable("sentiment", Settings(store=str(small_store)))


@pytest.fixture(scope="module")
def unpacked(model: Packable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What SageMaker makes of the archive."""
    folder = tmp_path_factory.mktemp("hosting")
    pack(model, folder / ARCHIVE)
    with tarfile.open(folder / ARCHIVE) as archive:
        archive.extractall(folder / "model", filter="tar")
    (folder / "model").chmod(0o755)
    return folder / "model"


def mounted(unpacked: Path) -> list[str]:
    return ["--volume", f"{unpacked}:/opt/ml/model:ro"]


def told(capacity: Capacity, digest: str) -> list[str]:
    """Return the options that say what SageMaker says to a container."""
    definition = Runtime(IMAGE, ROLE, {}).container("", digest, capacity)
    return [f"--env={name}={value}" for name, value in definition["Environment"].items()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_packed_model_answers_and_ends_when_it_is_told_to(
    kind: str, project: Project, image: str, model: Packable, unpacked: Path
) -> None:
    capacity, options = KINDS[kind]
    options = (*options, *told(capacity, model.digest), *mounted(unpacked))
    with Container.serving(project, image, *options) as container:
        assert container.call("GET", "/ping") == (200, "")
        reply = container.call("POST", "/invocations", json.dumps({"mytext": "A superb plot."}))
        assert reply
        answer = json.loads(reply.text)
        assert (reply.status, answer["model"], answer["version"]) == (200, "sentiment", model.manifest.version)
        assert container.stop() < 10
        assert container.state["ExitCode"] == 0


def test_a_model_other_than_the_one_that_was_packed_is_not_served(
    project: Project, image: str, model: Packable, unpacked: Path
) -> None:
    options = (*AS_ROOT, *told(Instances("ml.c5.large", 1), "0" * 64), *mounted(unpacked))
    result = project.docker("run", "--rm", *options, image, "serve", check=False)
    assert result.returncode == 1
    assert f"not {'0' * 64} as pinned: not opened" in result.stderr
