"""One store in a folder and one in S3: whatever a store promises is asked of both."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from sentigrade.settings import Settings
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store
from tests.s3_server import S3Server, s3_server


@pytest.fixture(scope="session")
def s3_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The server that all tests share; ask for `s3`."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(s3_of_all: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The S3 server, with its publisher's credentials in the environment. Do not stop it; start your own for that."""
    for name, value in s3_of_all.environ().items():
        monkeypatch.setenv(name, value)
    return s3_of_all


@pytest.fixture
def s3_address(s3: S3Server) -> str:
    """The address of an empty store of this test's own."""
    return f"{s3.store}/{uuid4().hex}"


@pytest.fixture(params=["a folder", "S3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store: in a folder, then in S3."""
    if request.param == "a folder":
        (tmp_path / "store").mkdir()
        return str(tmp_path / "store")
    empty: str = request.getfixturevalue("s3_address")
    return empty


@pytest.fixture
def objects(address: str) -> Objects:
    return open_store(address)


@pytest.fixture
def settings(address: str, tmp_path: Path) -> Settings:
    """Settings that serve from the empty store, with a cache of this test's own."""
    return Settings(store=address, cache=str(tmp_path / "cache"))
