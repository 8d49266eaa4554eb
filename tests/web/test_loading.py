"""Which models are opened, and which stay."""

from pathlib import Path

import msgspec
import pytest

from sentigrade.errors import ModelFolderError, SettingError, StoreError
from sentigrade.places import MISSING
from sentigrade.settings import Settings
from sentigrade.store.local import LocalObjects
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import publish
from sentigrade.web.loading import is_behind, load, reload
from tests.live import free_port


@pytest.fixture
def settings(small_store: Path, tmp_path: Path) -> Settings:
    """Settings for a store with sentiment@1 (promoted) and @2."""
    for _ in range(2):
        publish(LocalObjects(tmp_path / "store"), small_store / "sentiment" / "1")
    return Settings(store=str(tmp_path / "store"), cache=str(tmp_path / "cache"))


def test_every_reference_is_loaded_in_its_order(settings: Settings) -> None:
    folder = str(Path(settings.store) / "sentiment" / "2")
    places, loaded = load(msgspec.structs.replace(settings, models="sentiment"))
    assert [place.promoted for place in places] == [1]
    assert list(loaded) == ["sentiment"]
    (place,), _ = load(msgspec.structs.replace(settings, models=folder))
    assert (place.folder, place.versions) == (str(Path(folder).resolve()), ())


@pytest.mark.parametrize("models", ["sentiment,sentiment@1", "sentiment@1,sentiment@2"])
def test_two_versions_of_a_model_are_one_too_many(settings: Settings, models: str) -> None:
    with pytest.raises(SettingError, match="names a model twice"):
        load(msgspec.structs.replace(settings, models=models))


def test_what_waiting_would_not_mend_is_an_error(settings: Settings) -> None:
    with pytest.raises(StoreError, match="no sentiment@7"):
        load(msgspec.structs.replace(settings, models="sentiment@7"))
    with pytest.raises(ModelFolderError, match="as pinned"):
        load(msgspec.structs.replace(settings, models=f"sentiment@1#sha256:{'0' * 64}"))


def test_a_store_that_is_away_is_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    (here, away), loaded = load(msgspec.structs.replace(settings, models="sentiment,s3://bucket/topics"))
    assert here.folder
    assert (away.name, away.folder, away.notice) == ("topics", None, MISSING)
    assert loaded["s3://bucket/topics"] is None
    assert "cannot be reached" in caplog.records[0].__dict__["fields"]["reason"]


def test_what_lies_elsewhere_is_loaded_and_the_rest_stays(settings: Settings) -> None:
    (place,), loaded = load(settings)
    assert reload([place], loaded, settings) == loaded
    (other,), _ = load(msgspec.structs.replace(settings, models="sentiment@2"))
    moved = msgspec.structs.replace(place, folder=other.folder, digest=other.digest)
    scorer = reload([moved], loaded, settings)["sentiment"]
    assert scorer
    assert scorer.model.manifest.version == 2


def test_what_cannot_be_loaded_stays_what_it_was(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (place,), loaded = load(settings)
    bad = msgspec.structs.replace(place, folder=str(tmp_path), digest="0" * 64)
    assert reload([bad], loaded, settings) == loaded
    assert caplog.records[0].message == "not swapped"


def test_what_was_prepared_and_is_not_loaded_is_behind(settings: Settings) -> None:
    (place,), loaded = load(settings)
    assert not is_behind(place, loaded["sentiment"])
    assert is_behind(place, None)
    assert is_behind(msgspec.structs.replace(place, digest="0" * 64), loaded["sentiment"])
    assert not is_behind(msgspec.structs.replace(place, folder=None), None)


def test_a_pinned_model_in_the_cache_asks_for_no_credentials(
    s3_address: str, small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publish(open_store(s3_address), small_store / "sentiment" / "1")
    settings = Settings(store=s3_address, cache=str(tmp_path / "cache"), models=made.identity)
    load(settings)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    (place,), _ = load(settings)
    assert (place.digest, place.notice) == (made.digest, None)
