"""The real stack, started once for all tests that leave it as it is."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.stack import Stack, ready


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """gunicorn and nginx with the committed model. Do not stop it; start your own for that."""
    with ready(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def port(stack: Stack) -> int:
    """The port of the stack that all tests share."""
    return stack.port
