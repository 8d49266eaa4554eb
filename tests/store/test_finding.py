"""Where a reference leads, what is fetched for it, and what is served while the store is away."""

import errno
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import joblib
import pytest
from msgspec.structs import replace

from sentigrade.errors import ModelFolderError, StoreError, StoreUnreachable
from sentigrade.manifest import digest_of
from sentigrade.settings import Settings
from sentigrade.store.catalogue import read_published
from sentigrade.store.finding import find, open_model
from sentigrade.store.objects import Advance
from sentigrade.store.opening import open_store
from sentigrade.store.progress import silently
from sentigrade.store.promoting import promote
from sentigrade.store.publishing import Wish, publish
from sentigrade.text.cleaning import Cleaner
from sentigrade.trust import open_private_key, sign
from tests.environment import set_variables
from tests.fasttext_models import content_of, packed, train
from tests.keys import public_key_of, write_private_key
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


def test_a_store_that_is_named_as_the_cache_loses_nothing(small_store: Path, tmp_path: Path) -> None:
    store = shutil.copytree(small_store, tmp_path / "store")
    (store / "sentiment" / "1" / "model.joblib").write_bytes(b"damaged")
    with pytest.raises(ModelFolderError):
        open_model("sentiment", Settings(store=str(store), cache=str(store)))
    assert (store / "sentiment" / "1" / "manifest.json").exists()


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
    open_model("sentiment", in_s3)
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
    (open_model("sentiment", in_s3).folder / "model.joblib").write_bytes(b"damaged")
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
    open_model("sentiment", in_s3)
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

    @pytest.mark.parametrize("note", ["", "\0" * 64, "../" * 20, "é"])
    def test_is_adopted_again_when_the_cache_s_note_of_it_is_damaged(
        self, reference: str, in_s3: Settings, note: str
    ) -> None:
        open_model(reference, in_s3)
        (path,) = (Path(in_s3.cache) / "reviews").glob("meant-*")
        path.write_text(note)
        assert open_model(reference, in_s3).manifest.name == "reviews"

    def test_is_adopted_again_when_the_note_leads_to_another_model(
        self, reference: str, in_s3: Settings, tmp_path: Path
    ) -> None:
        path = tmp_path / "Reviews.pkl"
        joblib.dump(fit(["worst", "best"], ["x", "y"]), path)
        open_store(in_s3.store).upload("other/Reviews.pkl", path, lambda _: None)
        other = open_model(f"{in_s3.store}/other/Reviews.pkl#sha256:{digest_of(path.read_bytes())}", in_s3)
        open_model(reference, in_s3)
        for note in (Path(in_s3.cache) / "reviews").glob("meant-*"):
            note.write_text(other.digest)
        assert len(open_model(reference, in_s3).manifest.labels) == 5

    def test_of_another_sha256_is_not_opened(self, reference: str, in_s3: Settings) -> None:
        with pytest.raises(ModelFolderError, match="as pinned: not opened"):
            open_model(reference[:-64] + "0" * 64, in_s3)

    def test_that_is_not_there_is_an_error(self, reference: str, in_s3: Settings) -> None:
        with pytest.raises(StoreError, match="Not Found|NoSuchKey"):
            open_model(reference.replace("Reviews", "Others"), in_s3)


def test_an_archive_is_fetched_at_each_start_and_kept_once(
    in_s3: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(packed({"model.bin": content_of(train())}))
    open_store(in_s3.store).upload("job/output/model.tar.gz", path, lambda _: None)
    reference = f"{in_s3.store}/job/output/model.tar.gz#sha256:{digest_of(path.read_bytes())}"
    model = open_model(reference, in_s3)
    assert (model.manifest.reference, model.manifest.family) == ("model@1", "fasttext")
    assert open_model(reference, in_s3).identity == model.identity
    go_away(monkeypatch)
    with pytest.raises(StoreUnreachable):
        find(reference, in_s3)


def test_a_server_that_comes_back_is_asked_again(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = S3Server(tmp_path)
    set_variables(monkeypatch, server.environ())
    settings = Settings(store=server.store, cache=str(tmp_path / "cache"))
    with pytest.raises(StoreUnreachable):
        find("sentiment", settings)
    try:
        server.start()
        publish(open_store(settings.store), model_folder)
        assert find("sentiment", settings).notice is None
    finally:
        server.kill()


class TestASignedStore:
    @pytest.fixture
    def private_key(self, tmp_path: Path) -> Path:
        return write_private_key(tmp_path / "private.pem")

    def test_a_copy_that_is_not_signed_is_not_served_while_the_store_is_away(
        self, in_s3: Settings, private_key: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_model("sentiment", in_s3)
        go_away(monkeypatch)
        with pytest.raises(ModelFolderError, match="is not signed"):
            find("sentiment", replace(in_s3, public_key=public_key_of(private_key)))

    def test_a_copy_gets_the_signature_of_a_new_key(
        self, in_s3: Settings, private_key: Path, model_folder: Path, tmp_path: Path
    ) -> None:
        objects, wish = open_store(in_s3.store), Wish(sign_with=write_private_key(tmp_path / "old.pem"))
        promote(objects, "sentiment", publish(objects, model_folder, wish).version)
        open_model("sentiment", in_s3)
        published = read_published(objects, "sentiment", 3)
        objects.delete(["sentiment/3/manifest.json.sig"])
        again = sign(published.raw, open_private_key(private_key))
        objects.write("sentiment/3/manifest.json.sig", again, over=None)
        assert open_model("sentiment", replace(in_s3, public_key=public_key_of(private_key))).manifest.version == 3


def test_a_version_that_does_not_open_is_not_what_is_gone_back_to(
    in_s3: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_model("sentiment", in_s3)
    promote(open_store(in_s3.store), "sentiment", 2)
    with monkeypatch.context() as patch:
        patch.setattr(Cleaner, "fingerprint", lambda _: "another")
        with pytest.raises(ModelFolderError, match="cleans differently"):
            open_model("sentiment", in_s3)
    go_away(monkeypatch)
    assert open_model("sentiment", in_s3).manifest.version == 1


def test_many_that_share_an_empty_cache_do_not_disturb_each_other(in_s3: Settings) -> None:
    references = ["sentiment@1", "sentiment@2"] * 8
    with ThreadPoolExecutor(16) as people:
        models = list(people.map(lambda reference: open_model(reference, in_s3), references))
    assert [model.manifest.reference for model in models] == references


def test_what_a_dead_process_left_in_the_cache_goes_after_a_day(in_s3: Settings) -> None:
    for name, days in (("old", 2), ("new", 0)):
        folder = Path(in_s3.cache) / "sentiment" / f".unfinished-{name}"
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - days * 86_400,) * 2)
    find("sentiment", in_s3)
    assert [path.name for path in (Path(in_s3.cache) / "sentiment").glob(".unfinished*")] == [".unfinished-new"]


def test_what_was_just_fetched_stays_though_the_clock_went_back(in_s3: Settings, model_folder: Path) -> None:
    for _ in range(4):
        publish(open_store(in_s3.store), model_folder)
    for version in range(1, 6):
        os.utime(find(f"sentiment@{version}", in_s3).folder, (time.time() + 86_400,) * 2)
    assert find("sentiment@6", in_s3).folder.exists()


def test_a_cache_on_a_read_only_disk_is_good_for_reading(in_s3: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = open_model("sentiment", in_s3).identity

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuse)
    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert open_model(pinned, in_s3).identity == open_model("sentiment", in_s3).identity == pinned
