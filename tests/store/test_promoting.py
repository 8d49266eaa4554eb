"""What a bare name means, and going back."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sentigrade.errors import StoreError
from sentigrade.settings import Settings
from sentigrade.store import promoting
from sentigrade.store.catalogue import promoted, read_promotions
from sentigrade.store.finding import open_model
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store
from sentigrade.store.promoting import promote, rollback
from sentigrade.store.publishing import publish


@pytest.fixture
def objects(objects: Objects, model_folder: Path) -> Objects:
    """A store with sentiment@1 (promoted), @2 and @3."""
    for _ in range(3):
        publish(objects, model_folder)
    return objects


def test_promoting_changes_what_a_bare_name_means(objects: Objects, settings: Settings) -> None:
    assert open_model("sentiment", settings).manifest.version == 1
    promote(objects, "sentiment", 3)
    assert open_model("sentiment", settings).manifest.version == 3


def test_a_rollback_promotes_what_was_promoted_before(objects: Objects) -> None:
    promote(objects, "sentiment", 3)
    promote(objects, "sentiment", 2)
    assert rollback(objects, "sentiment") == 3
    assert rollback(objects, "sentiment") == 1
    assert promoted(objects, "sentiment") == 1
    with pytest.raises(StoreError, match="no earlier promoted version"):
        rollback(objects, "sentiment")


def test_a_rollback_passes_over_what_was_pruned(objects: Objects) -> None:
    promote(objects, "sentiment", 2)
    promote(objects, "sentiment", 3)
    objects.delete(["sentiment/2/manifest.json"])
    assert rollback(objects, "sentiment") == 1


def test_promoting_twice_is_promoting_once(objects: Objects) -> None:
    promote(objects, "sentiment", 2)
    promote(objects, "sentiment", 2)
    assert rollback(objects, "sentiment") == 1


def test_a_version_that_is_not_there_is_not_promoted(objects: Objects) -> None:
    with pytest.raises(StoreError, match=r"no sentiment@9; it has sentiment@1, sentiment@2, sentiment@3"):
        promote(objects, "sentiment", 9)
    assert promoted(objects, "sentiment") == 1


def test_of_many_that_promote_at_once_none_is_lost_in_silence(address: str, objects: Objects) -> None:
    def try_to_promote(number: int) -> bool:
        try:
            promote(open_store(address), "sentiment", number % 2 + 2)
        except StoreError as error:
            assert "at this moment" in str(error)  # noqa: PT017 - only this may go wrong
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        succeeded = list(people.map(try_to_promote, range(8)))
    assert any(succeeded)
    promotions = read_promotions(objects, "sentiment").versions
    assert promotions[-1] == 1
    assert promotions[0] in (2, 3)


@pytest.mark.parametrize("content", [b"latest", b"", b"1\n-2\n", b"\xff", b"01"])
def test_a_promoted_object_without_numbers_is_an_error(objects: Objects, content: bytes) -> None:
    tag = read_promotions(objects, "sentiment").tag
    objects.write("sentiment/promoted", content, over=tag)
    with pytest.raises(StoreError, match="must hold one version number a line"):
        promoted(objects, "sentiment")


def test_no_promoted_version_is_an_error_that_says_what_there_is(objects: Objects) -> None:
    with pytest.raises(StoreError, match=r"no promoted version of topics; it has sentiment@1.*: promote one"):
        promoted(objects, "topics")


def test_a_rollback_never_promotes_what_is_promoted(objects: Objects) -> None:
    for version in (3, 2, 3):
        promote(objects, "sentiment", version)
    objects.delete(["sentiment/2/manifest.json"])
    assert rollback(objects, "sentiment") == 1


def test_a_rollback_to_what_is_pruned_at_this_moment_is_taken_back(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(objects, "sentiment", 2)
    looks = iter([True, False])
    monkeypatch.setattr(promoting, "_exists", lambda *_: next(looks))
    with pytest.raises(StoreError, match="sentiment@1 was pruned while it was promoted"):
        rollback(objects, "sentiment")
    assert promoted(objects, "sentiment") == 2


def test_taking_back_does_not_undo_what_somebody_promoted_since(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone_and_another_promoted(*_: object) -> bool:
        tag = read_promotions(objects, "sentiment").tag
        objects.write("sentiment/promoted", b"3\n2\n1\n", over=tag)
        return False

    monkeypatch.setattr(promoting, "_exists", gone_and_another_promoted)
    with pytest.raises(StoreError, match="was pruned"):
        promote(objects, "sentiment", 2)
    assert promoted(objects, "sentiment") == 3


def test_an_error_names_ten_versions_at_most(objects: Objects) -> None:
    for number in range(4, 15):
        objects.write(f"sentiment/{number}/manifest.json", b"{}", over=None)
    with pytest.raises(StoreError, match="sentiment@10 and 4 more"):
        promoted(objects, "topics")
