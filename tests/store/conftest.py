"""One store in a folder and one in S3: whatever a store promises is asked of both."""

from pathlib import Path

import pytest

from sentigrade.settings import Settings
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store


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
