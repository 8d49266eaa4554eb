"""Several workers of one service, which know of each other by the register alone."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.multi_model.loaded import LoadedModels
from sentigrade.web.multi_model.register import Register
from tests.model_copies import named, place
from tests.web.multi_model.asking import invoke, load


@pytest.fixture
def other(start_worker: Callable[[], FlaskClient]) -> FlaskClient:
    """Another worker than `client`."""
    return start_worker()


def model_of(client: FlaskClient, name: str) -> str:
    answer = invoke(client, name).json
    assert answer is not None
    return str(answer["model"])


def test_what_one_worker_loads_all_answer(client: FlaskClient, other: FlaskClient, reviews: str) -> None:
    assert load(client, "N", reviews).status_code == 200
    assert other.get("/models").json == client.get("/models").json
    assert load(other, "N", reviews).status_code == 409
    assert model_of(other, "N") == "reviews"


def test_a_worker_that_starts_later_answers_too(
    client: FlaskClient, start_worker: Callable[[], FlaskClient], reviews: str
) -> None:
    assert load(client, "N", reviews).status_code == 200
    assert model_of(start_worker(), "N") == "reviews"


def test_what_one_worker_unloads_none_answers(client: FlaskClient, other: FlaskClient, reviews: str) -> None:
    assert load(client, "N", reviews).status_code == 200
    assert invoke(other, "N").status_code == 200
    assert other.delete("/models/N").status_code == 200
    assert invoke(client, "N").status_code == 404
    assert client.delete("/models/N").status_code == 404


def test_another_model_under_the_same_name_is_answered_by_all(
    client: FlaskClient, other: FlaskClient, root: Path, small_folder: Path, reviews: str
) -> None:
    assert load(client, "N", reviews).status_code == 200
    assert model_of(other, "N") == "reviews"
    topics = place(small_folder, root / "topics" / "model", named("topics"))
    assert client.delete("/models/N").status_code == 200
    assert load(client, "N", topics).status_code == 200
    assert model_of(other, "N") == model_of(client, "N") == "topics"


def test_a_model_whose_files_have_changed_stays_what_it_was(
    client: FlaskClient, other: FlaskClient, reviews: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert load(client, "N", reviews).status_code == 200
    manifest = Path(reviews) / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"reviews"', '"topics"'))
    assert model_of(client, "N") == "reviews"
    reply = invoke(other, "N")
    assert reply.status_code == 500
    assert reply.json == {
        "code": 500,
        "type": "model_gone",
        "message": "The files of this model are no longer those that were loaded; unload it and load it again.",
    }
    assert "the manifest's sha256 is" in str([vars(record) for record in caplog.records])
    assert reviews not in str([vars(record) for record in caplog.records])


def test_a_model_whose_files_are_gone_can_be_unloaded(client: FlaskClient, other: FlaskClient, reviews: str) -> None:
    assert load(client, "N", reviews).status_code == 200
    Path(reviews).rename(Path(reviews).with_name("away"))
    assert invoke(client, "N").status_code == 200
    assert invoke(other, "N").status_code == 500
    Path(reviews).with_name("away").rename(reviews)
    assert invoke(other, "N").status_code == 200
    assert other.delete("/models/N").status_code == 200


def innermost(worker: LoadedModels, name: str) -> object:
    """Return what holds on to itself in a model."""
    return worker.scorer(name).model.cleaner._tokenizer


@pytest.mark.parametrize(("method", "path"), [("GET", "/models"), ("GET", "/models/M"), ("POST", "/models/M/invoke")])
def test_whatever_a_worker_is_asked_it_lets_go_of_what_others_have_unloaded(
    client: FlaskClient, other: FlaskClient, reviews: str, method: str, path: str
) -> None:
    assert load(client, "N", reviews).status_code == 200
    assert invoke(other, "N").status_code == 200
    assert client.delete("/models/N").status_code == 200
    before = scorers()
    other.open(path, method=method)
    assert scorers() == before - 1


def scorers() -> int:
    """Return how many scorers there are in this process."""
    gc.collect()
    return sum(isinstance(thing, Scorer) for thing in gc.get_objects())


class TestMemory:
    @pytest.fixture
    def workers(self, settings: Settings, tmp_path: Path) -> tuple[LoadedModels, LoadedModels]:
        first, second = (LoadedModels(Register(tmp_path / "loaded"), settings) for _ in range(2))
        return first, second

    def test_a_worker_opens_a_model_once(self, workers: tuple[LoadedModels, LoadedModels], reviews: str) -> None:
        workers[0].load("N", reviews)
        for worker in workers:
            assert worker.scorer("N") is worker.scorer("N")

    def test_whoever_unloads_lets_go_at_once(self, workers: tuple[LoadedModels, LoadedModels], reviews: str) -> None:
        workers[0].load("N", reviews)
        model = weakref.ref(innermost(workers[0], "N"))
        workers[0].unload("N")
        assert model() is None

    def test_the_others_let_go_when_they_are_next_asked_for_anything(
        self, workers: tuple[LoadedModels, LoadedModels], reviews: str
    ) -> None:
        workers[0].load("N", reviews)
        workers[0].load("M", reviews)
        gone, kept = (weakref.ref(innermost(workers[1], name)) for name in ("N", "M"))
        workers[0].unload("N")
        workers[1].let_go()
        assert gone() is None
        assert kept() is not None
