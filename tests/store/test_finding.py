"""Where a reference leads, what is fetched for it, and what is served while the store is away."""

from contextlib import AbstractContextManager
from pathlib import Path

import joblib
import pytest
from msgspec.structs import replace

from sentigrade.errors import ModelFolderError, StoreError, StoreUnreachable
from sentigrade.manifest import digest_of
from sentigrade.settings import Settings
from sentigrade.store.finding import find, open_model
from sentigrade.store.objects import Advance
from sentigrade.store.opening import open_store
from sentigrade.store.progress import silently
from sentigrade.store.promoting import promote
from sentigrade.store.publishing import publish
from tests.live import free_port
from tests.pipelines import fit
from tests.s3_server import S3Server


@pytest.fixture
def in_s3(s3_address: str, tmp_path: Path, model_folder: Path) -> Settings:
    """Settings for a store in S3 with sentiment@1 (promoted) and @2, and an empty cache."""
    for _ in range(2):
        publish(open_store(s3_address), model_folder)
    return Settings(store=s3_address, cache=str(tmp_path / "cache"))


def go_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the S3 server be somewhere where nobody answers."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")


def test_a_name_a_version_a_digest_and_a_folder_open_the_same_model(small_store: Path) -> None:
    settings, folder = Settings(store=str(small_store)), small_store / "sentiment" / "1"
    pinned = f"sentiment@1#sha256:{digest_of((folder / 'manifest.json').read_bytes())}"
    references = ("sentiment", "sentiment@1", pinned, str(folder))
    assert len({open_model(reference, settings).digest for reference in references}) == 1


def test_a_folder_does_not_need_a_store(small_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_store / "sentiment" / "1")
    assert open_model(".", Settings(store="nowhere")).folder == Path()
    with pytest.raises(StoreError, match="store nowhere cannot be read"):
        open_model("sentiment", Settings(store="nowhere"))


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="manifest.json is missing"):
        open_model(f"{tmp_path}/", Settings())


def test_what_is_not_there_is_an_error_that_says_what_is(settings: Settings, model_folder: Path) -> None:
    with pytest.raises(StoreError, match="no promoted version of sentiment; it has no models"):
        open_model("sentiment", settings)
    publish(open_store(settings.store), model_folder)
    with pytest.raises(StoreError, match="no sentiment@7; it has sentiment@1"):
        open_model("sentiment@7", settings)
    with pytest.raises(StoreError, match="no promoted version of topics; it has sentiment@1"):
        open_model("topics", settings)


def test_a_store_on_this_disk_is_not_copied(small_store: Path, tmp_path: Path) -> None:
    found = find("sentiment", Settings(store=str(small_store), cache=str(tmp_path / "cache")))
    assert found.folder == small_store / "sentiment" / "1"
    assert not (tmp_path / "cache").exists()


def test_an_address_leads_to_another_store(in_s3: Settings) -> None:
    elsewhere = replace(in_s3, store="nowhere")
    assert open_model(f"{in_s3.store}/sentiment@2", elsewhere).manifest.version == 2


def test_a_model_is_fetched_once(in_s3: Settings) -> None:
    fetched: list[str] = []

    def progress(what: str, total: int) -> AbstractContextManager[Advance]:
        fetched.append(what)
        return silently(what, total)

    first = find("sentiment", in_s3, progress)
    assert find("sentiment@1", in_s3, progress).folder == first.folder
    assert fetched == ["sentiment@1"]


def test_a_damaged_copy_is_fetched_again(in_s3: Settings) -> None:
    found = find("sentiment", in_s3)
    (found.folder / "model.joblib").write_bytes(b"damaged")
    assert open_model("sentiment", in_s3).manifest.version == 1


def test_a_copy_that_became_a_link_is_fetched_again(in_s3: Settings, tmp_path: Path) -> None:
    path = find("sentiment", in_s3).folder / "model.joblib"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert open_model("sentiment", in_s3).manifest.version == 1
    assert not path.is_symlink()


def test_while_the_store_is_away_the_last_copy_is_served_and_says_so(
    in_s3: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(open_store(in_s3.store), "sentiment", 2)
    assert find("sentiment", in_s3).notice is None
    go_away(monkeypatch)
    found = find("sentiment", in_s3)
    assert "cannot be reached" in str(found.notice)
    assert str(found.notice).endswith("serving the copy that was fetched earlier")
    assert open_model("sentiment", in_s3).manifest.version == 2


def test_without_a_copy_a_store_that_is_away_is_unreachable(in_s3: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    go_away(monkeypatch)
    with pytest.raises(StoreUnreachable):
        find("sentiment", in_s3)


def test_a_damaged_copy_is_not_served_while_the_store_is_away(in_s3: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (find("sentiment", in_s3).folder / "model.joblib").write_bytes(b"damaged")
    go_away(monkeypatch)
    with pytest.raises(StoreUnreachable):
        find("sentiment", in_s3)


def test_a_pinned_copy_needs_no_store(in_s3: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = open_model("sentiment@2", in_s3).identity
    go_away(monkeypatch)
    found = find(pinned, in_s3)
    assert found.notice is None
    assert open_model(pinned, in_s3).identity == pinned


def test_a_copy_of_another_store_is_not_served(in_s3: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    find("sentiment", in_s3)
    go_away(monkeypatch)
    with pytest.raises(StoreUnreachable):
        find("sentiment", replace(in_s3, store=f"{in_s3.store}/other"))


def test_the_copies_used_last_are_kept(in_s3: Settings, model_folder: Path) -> None:
    for _ in range(5):
        publish(open_store(in_s3.store), model_folder)
    found = [find(f"sentiment@{version}", in_s3) for version in range(1, 8)]
    assert [item.folder.exists() for item in found] == [False, False, True, True, True, True, True]


def test_a_cache_that_cannot_be_written_to_is_an_error_that_names_the_setting(in_s3: Settings) -> None:
    Path(in_s3.cache).write_text("in the way")
    with pytest.raises(StoreError, match="the cache .* cannot be written to .*set SENTIGRADE_CACHE"):
        find("sentiment", in_s3)


class TestABarePickle:
    """`s3://bucket/model.pkl#sha256:...`: what somebody trained without this project."""

    @pytest.fixture
    def reference(self, in_s3: Settings, tmp_path: Path) -> str:
        path = tmp_path / "Reviews.pkl"
        joblib.dump(fit(["worst", "bad", "so so", "good", "best"], [0, 1, 2, 3, 4]), path)
        open_store(in_s3.store).upload("pickles/Reviews.pkl", path, lambda _: None)
        return f"{in_s3.store}/pickles/Reviews.pkl#sha256:{digest_of(path.read_bytes())}"

    def test_is_adopted_as_it_is_opened(self, reference: str, in_s3: Settings) -> None:
        model = open_model(reference, in_s3)
        assert model.manifest.reference == "reviews@1"
        assert model.manifest.labels.names[0] == "Negative"

    def test_is_served_from_its_copy_without_asking(
        self, reference: str, in_s3: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = open_model(reference, in_s3)
        go_away(monkeypatch)
        assert open_model(reference, in_s3).identity == first.identity

    def test_of_another_sha256_is_not_opened(self, reference: str, in_s3: Settings) -> None:
        with pytest.raises(ModelFolderError, match="as pinned: not opened"):
            open_model(reference[:-64] + "0" * 64, in_s3)

    def test_that_is_not_there_is_an_error(self, reference: str, in_s3: Settings) -> None:
        with pytest.raises(StoreError, match="Not Found|NoSuchKey"):
            open_model(reference.replace("Reviews", "Others"), in_s3)


def test_a_server_that_comes_back_is_asked_again(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = S3Server(tmp_path)
    for name, value in server.environ().items():
        monkeypatch.setenv(name, value)
    settings = Settings(store=server.store, cache=str(tmp_path / "cache"))
    with pytest.raises(StoreUnreachable):
        find("sentiment", settings)
    try:
        server.start()
        publish(open_store(settings.store), model_folder)
        assert find("sentiment", settings).notice is None
    finally:
        server.kill()
