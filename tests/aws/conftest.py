from collections.abc import Iterator
from pathlib import Path

import pytest

from sentigrade.aws.hosting.account import Account, open_account
from tests.aws_server import AwsServer
from tests.lambda_runtime import Function, function


@pytest.fixture(scope="module")
def running(small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    """A function with the small model, in a sandbox of its own."""
    with function(tmp_path_factory.mktemp("sandbox"), {"SENTIGRADE_STORE": str(small_store)}) as running:
        yield running


@pytest.fixture
def account(aws: AwsServer) -> Account:
    return open_account()
