"""Where the service is put by the tests of its places: an ECS, and the images for a Docker engine."""

from collections.abc import Iterator, Mapping

import pytest

from sentigrade.api_keys import add_key
from tests.deploy.ecs_service import Ecs
from tests.deploy.together_on_docker import docker
from tests.end_to_end.stack import ready
from tests.live import REPOSITORY

Answering = tuple[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def ecs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ecs]:
    ecs = Ecs(tmp_path_factory.mktemp("ecs"))
    try:
        yield ecs
    finally:
        ecs.process.kill()
        ecs.process.wait()


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    """Where a service answers whoever has a key, and that key in a variable."""
    keys = tmp_path_factory.mktemp("keys") / "keys"
    key = add_key(keys, "release")
    settings = {"SENTIGRADE_API_KEYS": str(keys), "SENTIGRADE_WORKERS": "1"}
    with ready(tmp_path_factory.mktemp("stack"), **settings) as stack:
        yield f"http://127.0.0.1:{stack.port}/", {"MY_SENTIGRADE_KEY": key}


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """Both images, built of this working tree."""
    web = docker("build", "--quiet", "--file", str(REPOSITORY / "services" / "Dockerfile"), str(REPOSITORY))
    return {"web": web, "nginx": docker("build", "--quiet", str(REPOSITORY / "nginx"))}
