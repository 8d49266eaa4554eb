"""A model that takes milliseconds for each text: what is asked of it may take longer than a worker may be silent."""

import json
from collections.abc import Iterator

import pytest

from sentigrade.store.local import LocalObjects
from sentigrade.store.publishing import publish
from sentigrade.training.train import Recipe, train
from tests.contract.plain_encoder import PlainParameters, slowed
from tests.contract.written import TOPICS
from tests.end_to_end.stack import Stack, ready, workers
from tests.live import call, predict
from tests.model_copies import model_file, put_model

TIMEOUT_SECONDS = 3
TEXTS = [f"We took a train by the river. {number}" for number in range(800)]
# It takes longer by itself.
LONG_TEXT = "The choir sang at home. " * 4000
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service of a slow model, whose workers are replaced when they are silent for two seconds."""
    folder, store = tmp_path_factory.mktemp("trained"), tmp_path_factory.mktemp("store")
    train(
        Recipe("topics", TOPICS.labels, "none", "transformer", parameters=PlainParameters()),
        TOPICS.examples,
        [],
        folder,
    )
    put_model(folder, slowed(model_file(folder).read_bytes()))
    publish(LocalObjects(store), folder)
    settings = {"SENTIGRADE_STORE": str(store), "SENTIGRADE_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS)}
    with ready(tmp_path_factory.mktemp("stack"), SENTIGRADE_MODELS="topics", **settings) as stack:
        yield stack


@pytest.fixture
def _no_worker_is_replaced(slow: Stack) -> Iterator[None]:
    before = workers(slow)
    yield
    assert workers(slow) == before
    assert "WORKER TIMEOUT" not in slow.output


@pytest.mark.usefixtures("_no_worker_is_replaced")
def test_a_list_that_cannot_be_answered_in_time_is_refused_before_the_worker_is_replaced(slow: Stack) -> None:
    for path, body in (
        ("/v1/predict", {"mytext": LONG_TEXT}),
        ("/v1/predict", {"mytext": [TEXTS[0], LONG_TEXT]}),
        ("/invocations", {"instances": [LONG_TEXT]}),
    ):
        reply = call(slow.port, "POST", path, body)
        assert reply.status == 413, reply.text
        assert "too long; send fewer, or shorter ones, in one request" in reply.text
    assert predict(slow.port, TEXTS[0]).json["label"] == "Travel"


@pytest.mark.usefixtures("_no_worker_is_replaced")
def test_rows_take_as_long_as_they_take(slow: Stack) -> None:
    rows = "".join(f"{json.dumps(text)}\n" for text in TEXTS)
    answers = list(map(json.loads, call(slow.port, "POST", "/v1/predict", rows.encode(), NDJSON).text.splitlines()))
    assert [answer["label"] for answer in answers] == ["Travel"] * len(TEXTS)


@pytest.mark.usefixtures("_no_worker_is_replaced")
@pytest.mark.parametrize("place", [0, 2])
def test_a_row_that_takes_too_long_by_itself_is_an_error_row_among_answers(slow: Stack, place: int) -> None:
    texts = TEXTS[:3]
    texts.insert(place, LONG_TEXT)
    rows = "".join(f"{json.dumps(text)}\n" for text in texts)
    answers = list(map(json.loads, call(slow.port, "POST", "/v1/predict", rows.encode(), NDJSON).text.splitlines()))
    failed = answers.pop(place)["error"]
    assert (failed["code"], failed["row"]) == ("too_large", place)
    assert [answer["label"] for answer in answers] == ["Travel"] * 3
