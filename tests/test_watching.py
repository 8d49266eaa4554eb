"""One look at a time: what the watcher makes of a store. tests/end_to_end/test_swapping.py has it at work."""

import logging
from pathlib import Path

import msgspec
import pytest

from sentigrade.model import load_model
from sentigrade.places import MISSING, REFUSED, STALE, UNASKED, Place, read_places, write_places
from sentigrade.settings import Settings
from sentigrade.store.local import LocalObjects
from sentigrade.store.promoting import promote
from sentigrade.store.publishing import publish
from sentigrade.watching import Watcher, is_needed


@pytest.fixture
def objects(model_folder: Path, tmp_path: Path) -> LocalObjects:
    """A store with sentiment@1 (promoted) and @2."""
    objects = LocalObjects(tmp_path / "store")
    for _ in range(2):
        publish(objects, model_folder)
    return objects


@pytest.fixture
def watcher(objects: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> Watcher:
    monkeypatch.setenv("SENTIGRADE_STORE", objects.address)  # for the process that verifies
    return Watcher(Settings(store=objects.address))


@pytest.fixture
def served(objects: LocalObjects) -> Place:
    """The place of sentiment@1, which is served."""
    folder = objects.root / "sentiment" / "1"
    return Place(reference="sentiment", name="sentiment", folder=str(folder), digest=load_model(folder).digest)


def test_nothing_new_is_nothing_but_what_the_store_holds(watcher: Watcher, served: Place) -> None:
    seen = watcher.look(served)
    assert (seen.folder, seen.digest) == (served.folder, served.digest)
    assert (seen.versions, seen.promoted, seen.notice) == ((1, 2), 1, None)


def test_a_promoted_version_is_found_and_verified(
    watcher: Watcher, served: Place, objects: LocalObjects, caplog: pytest.LogCaptureFixture
) -> None:
    promote(objects, "sentiment", 2)
    with caplog.at_level(logging.INFO):
        seen = watcher.look(served)
    folder = objects.root / "sentiment" / "2"
    assert (seen.folder, seen.digest, seen.promoted) == (str(folder), load_model(folder).digest, 2)
    assert caplog.records[-1].message == "verified"


def test_a_bad_version_is_tried_once_and_leaves_what_is_served(
    watcher: Watcher, served: Place, objects: LocalObjects, caplog: pytest.LogCaptureFixture
) -> None:
    good = (objects.root / "sentiment" / "2" / "model.joblib").read_bytes()
    (objects.root / "sentiment" / "2" / "model.joblib").write_bytes(b"damaged")
    promote(objects, "sentiment", 2)
    first = watcher.look(served)
    assert (first.folder, first.digest, first.promoted, first.notice) == (served.folder, served.digest, 2, REFUSED)
    (objects.root / "sentiment" / "2" / "model.joblib").write_bytes(good)
    assert watcher.look(first) == first
    (record,) = caplog.records
    assert "not the file that the manifest describes" in record.__dict__["fields"]["reason"]


def test_after_a_bad_version_another_promotion_is_taken(
    watcher: Watcher, served: Place, objects: LocalObjects, model_folder: Path
) -> None:
    (objects.root / "sentiment" / "2" / "model.joblib").write_bytes(b"damaged")
    promote(objects, "sentiment", 2)
    refused = watcher.look(served)
    promote(objects, "sentiment", publish(objects, model_folder).version)
    seen = watcher.look(refused)
    assert (seen.promoted, seen.notice) == (3, None)
    assert seen.digest != served.digest


def test_going_back_to_what_is_served_clears_the_notice(watcher: Watcher, served: Place, objects: LocalObjects) -> None:
    (objects.root / "sentiment" / "2" / "model.joblib").write_bytes(b"damaged")
    promote(objects, "sentiment", 2)
    refused = watcher.look(served)
    promote(objects, "sentiment", 1)
    assert watcher.look(refused).notice is None


def test_a_store_that_does_not_say_is_noticed_until_it_does(
    watcher: Watcher, served: Place, objects: LocalObjects, caplog: pytest.LogCaptureFixture
) -> None:
    (objects.root / "sentiment" / "promoted").rename(objects.root / "away")
    silent = watcher.look(served)
    assert (silent.digest, silent.notice) == (served.digest, UNASKED)
    assert watcher.look(silent) == silent
    assert len(caplog.records) == 1  # said once
    (objects.root / "away").rename(objects.root / "sentiment" / "promoted")
    assert watcher.look(silent).notice is None


@pytest.mark.parametrize("reference", ["sentiment@1", f"sentiment#sha256:{'0' * 64}", "/some/folder"])
def test_what_cannot_change_is_left_alone(watcher: Watcher, served: Place, reference: str) -> None:
    place = Place(reference=reference, name=served.name, folder=served.folder, digest=served.digest)
    seen = watcher.look(place)
    assert (seen.folder, seen.digest, seen.notice) == (place.folder, place.digest, None)


def test_a_missing_model_is_looked_for(watcher: Watcher, objects: LocalObjects) -> None:
    for reference in ("sentiment", "sentiment@1"):
        seen = watcher.look(Place(reference=reference, name="sentiment", notice=MISSING))
        assert seen.folder == str(objects.root / "sentiment" / "1")
        assert seen.notice is None


def test_a_missing_model_that_is_bad_stays_missing(watcher: Watcher, objects: LocalObjects) -> None:
    (objects.root / "sentiment" / "1" / "model.joblib").write_bytes(b"damaged")
    seen = watcher.look(Place(reference="sentiment", name="sentiment", notice=MISSING))
    assert (seen.folder, seen.notice) == (None, MISSING)


def test_a_fixed_version_loses_its_notice_when_its_store_answers_again(watcher: Watcher, served: Place) -> None:
    stale = msgspec.structs.replace(served, reference="sentiment@1", notice=STALE)
    assert watcher.look(stale).notice is None


def test_a_fault_that_may_pass_is_no_refusal(
    watcher: Watcher, served: Place, objects: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(objects, "sentiment", 2)
    monkeypatch.setenv("SENTIGRADE_MODELS", "")
    monkeypatch.setenv("SENTIGRADE_NONSENSE", "1")  # the process that verifies cannot even begin
    assert watcher.look(served).notice == REFUSED
    monkeypatch.delenv("SENTIGRADE_NONSENSE")
    seen = watcher.look(served)
    assert (seen.promoted, seen.notice) == (2, None)
    assert seen.digest != served.digest


def test_a_manifest_that_is_none_does_not_end_the_watch(watcher: Watcher, served: Place, objects: LocalObjects) -> None:
    promote(objects, "sentiment", 2)
    (objects.root / "sentiment" / "2" / "manifest.json").write_text("[" * 100_000)
    assert watcher.look(served).notice == UNASKED


def test_a_bad_version_that_is_missing_is_tried_once(watcher: Watcher, objects: LocalObjects) -> None:
    good = (objects.root / "sentiment" / "1" / "model.joblib").read_bytes()
    (objects.root / "sentiment" / "1" / "model.joblib").write_bytes(b"damaged")
    missing = watcher.look(Place(reference="sentiment@1", name="sentiment", notice=MISSING))
    (objects.root / "sentiment" / "1" / "model.joblib").write_bytes(good)
    assert watcher.look(missing).folder is None


def test_a_watcher_is_needed_for_promotions_and_for_what_is_missing(served: Place) -> None:
    missing = Place(reference="topics", name="topics")
    assert is_needed([served], Settings(watch_seconds=1))
    assert is_needed([served, missing], Settings())
    assert not is_needed([served], Settings())


def test_places_read_back_as_they_were_written(served: Place, tmp_path: Path) -> None:
    write_places(tmp_path / "places.json", [served])
    assert read_places(tmp_path / "places.json") == [served]
