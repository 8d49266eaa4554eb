"""An ECS, and a service that answers, for the tests that release one on the other."""

from collections.abc import Iterator, Mapping

import pytest

from sentigrade.api_keys import add_key
from tests.deploy.ecs_service import Ecs
from tests.end_to_end.stack import ready

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
