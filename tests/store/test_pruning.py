"""Pruning makes room and takes nothing that anybody needs."""

import time
from pathlib import Path

import pytest

from sentigrade.errors import StoreError
from sentigrade.settings import Settings
from sentigrade.store import promoting, pruning
from sentigrade.store.catalogue import Promotions, claimed, read_promotions, versions
from sentigrade.store.finding import open_model
from sentigrade.store.objects import Objects
from sentigrade.store.promoting import promote
from sentigrade.store.pruning import prune
from sentigrade.store.publishing import claim, publish

IN_TWO_DAYS = time.time() + 2 * 24 * 60 * 60


@pytest.fixture
def objects(objects: Objects, model_folder: Path) -> Objects:
    """A store with sentiment@1 (promoted) to sentiment@5."""
    for _ in range(5):
        publish(objects, model_folder)
    return objects


def test_the_newest_stay_and_so_does_the_promoted_one(objects: Objects, settings: Settings) -> None:
    assert prune(objects, "sentiment", keep=2, now=time.time()) == ([2, 3], [])
    assert versions(objects, "sentiment") == [1, 4, 5]
    assert sorted(claimed(objects, "sentiment")) == [1, 4, 5]
    assert open_model("sentiment", settings).manifest.version == 1


def test_what_a_rollback_would_promote_stays(objects: Objects) -> None:
    promote(objects, "sentiment", 2)
    promote(objects, "sentiment", 3)
    prune(objects, "sentiment", keep=1, now=time.time())
    assert versions(objects, "sentiment") == [2, 3, 5]
    assert promoting.rollback(objects, "sentiment") == 2


def test_what_a_dead_publisher_left_goes_after_a_day(objects: Objects, model_folder: Path) -> None:
    assert claim(objects, "sentiment") == 6
    objects.upload("sentiment/6/model.joblib", model_folder / "model.joblib", lambda _: None)
    publish(objects, model_folder)
    assert prune(objects, "sentiment", keep=9, now=time.time()).leftovers == []
    assert prune(objects, "sentiment", keep=9, now=IN_TWO_DAYS).leftovers == [6]
    assert 6 not in claimed(objects, "sentiment")


def test_the_newest_claim_stays_so_that_its_number_is_not_given_again(objects: Objects, model_folder: Path) -> None:
    claim(objects, "sentiment")
    assert prune(objects, "sentiment", keep=9, now=IN_TWO_DAYS).leftovers == []
    assert publish(objects, model_folder).version == 7


def test_a_version_that_is_promoted_while_it_is_pruned_stays(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def read_promotions_late(store: Objects, name: str) -> Promotions:
        looks.append(name)
        if len(looks) == 2:  # its manifest was taken away a moment ago
            tag = read_promotions(store, name).tag
            store.write("sentiment/promoted", b"2\n1\n", over=tag)
        return read_promotions(store, name)

    monkeypatch.setattr(pruning, "read_promotions", read_promotions_late)
    removed, _ = prune(objects, "sentiment", keep=1, now=time.time())
    assert 2 not in removed
    assert 2 in versions(objects, "sentiment")


def test_a_version_that_is_pruned_while_it_is_promoted_is_not_promoted(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_prune(store: Objects, name: str) -> Promotions:
        promotions = read_promotions(store, name)
        store.delete(["sentiment/2/manifest.json"])
        return promotions

    monkeypatch.setattr(promoting, "read_promotions", read_then_prune)
    with pytest.raises(StoreError, match="was pruned while it was promoted"):
        promote(objects, "sentiment", 2)
    assert read_promotions(objects, "sentiment").versions == (1,)


def test_what_a_rollback_would_promote_stays_though_others_were_promoted_twice(objects: Objects) -> None:
    for version in (3, 2, 3, 2, 3):
        promote(objects, "sentiment", version)
    assert prune(objects, "sentiment", keep=1, now=time.time()).versions == [1, 4]
    assert promoting.rollback(objects, "sentiment") == 2
