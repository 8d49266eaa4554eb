"""The services that the page's sections ask, each started once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.documentation.blocks import Block
from tests.documentation.calling.service import Service, started_by

ServiceOf = Callable[[Block], Service]


@pytest.fixture(scope="session")
def service_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceOf]:
    """Return the service that a block of the page starts."""
    running: dict[Block, Service] = {}
    with ExitStack() as services:

        def of(setup: Block) -> Service:
            if setup not in running:
                running[setup] = services.enter_context(started_by(setup, tmp_path_factory.mktemp("calling")))
            return running[setup]

        yield of
