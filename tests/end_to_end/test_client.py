"""The client against the real stack."""

import os
import signal
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from bench.processes import children
from sentigrade.client import Answer, Client, Options, Rejection
from sentigrade.errors import ServiceRefusal, ServiceUnreachable
from tests.cli.running import printed
from tests.end_to_end.stack import ready
from tests.live import REPOSITORY

FILMS = ["A warm, funny film. \N{FACE WITH TEARS OF JOY}", "Dreadful.", "", "\N{CLAPPER BOARD}" * 500]


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{port}") as client:
        yield client


def test_a_list_is_answered_as_its_texts_are(client: Client) -> None:
    assert client.predict_many(FILMS) == [client.predict(film) for film in FILMS]


def test_a_list_that_is_longer_than_a_request_is_answered_whole_and_in_order(client: Client) -> None:
    good, bad = client.predict(FILMS[0]), client.predict(FILMS[1])
    assert client.predict_many([*FILMS[:2] * 6_000, "x" * 100_001, *FILMS[:1]])[-4:-2] == [good, bad]
    outcomes = client.predict_many(FILMS[:2] * 6_000)
    assert outcomes == [good, bad] * 6_000


def test_a_list_of_more_bytes_than_a_request_is_answered_whole(client: Client) -> None:
    outcomes = client.predict_many([*["\N{CLAPPER BOARD} " * 20_000] * 100, "\N{CLAPPER BOARD}" * 2_000_000, "Good."])
    assert isinstance(outcomes[-2], Rejection)
    assert outcomes[-2].code == "too_large"
    assert all(isinstance(outcome, Answer) for outcome in [*outcomes[:-2], outcomes[-1]])


def test_options_are_obeyed(client: Client) -> None:
    answer = client.predict("A dull plot. A warm cast.", Options(scores=True, explain=True, sentences=True, top_k=2))
    assert len(answer.probabilities) == 2
    assert answer.scores
    assert answer.explanation
    assert answer.sentences
    assert answer.sentences[1].start == 13


def test_a_refusal_carries_what_the_service_said(client: Client) -> None:
    with pytest.raises(ServiceRefusal) as caught:
        client.predict("a", Options(model="oracle"))
    error = caught.value
    assert (error.status, error.code) == (404, "unknown_model")
    assert error.request_id


def test_models_are_described(client: Client) -> None:
    (state,) = client.models()
    details = client.model(state.model)
    assert details.labels == state.labels == tuple(label.name for label in details.label_set.items)
    assert details.card


def test_the_command_line_says_the_same_with_a_service_as_with_a_model(port: int) -> None:
    choices = ("--scores", "--explain", "--sentences", "--top-k", "3", *FILMS, "\0")
    remote = printed("predict", "--url", f"http://127.0.0.1:{port}", *choices[:-1])
    assert remote == printed("predict", "--store", REPOSITORY / "model_store", *choices[:-1])


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Fifty thousand rows, the last of which is broken."""
    path = tmp_path / "reviews.csv"
    path.write_text("id,review\n" + "1,A warm film.\n2,Dreadful.\n" * 25_000 + "no review\n")
    return path


def test_the_rows_of_a_file_are_answered_in_order(client: Client, reviews: Path) -> None:
    *outcomes, broken = client.predict_rows(reviews, column="review", options=Options(scores=True))
    warm, dreadful = client.predict_many(["A warm film.", "Dreadful."], Options(scores=True))
    assert outcomes == [warm, dreadful] * 25_000
    assert isinstance(broken, Rejection)


def test_whoever_stops_early_leaves_the_service_well(client: Client, reviews: Path) -> None:
    assert len(list(islice(client.predict_rows(reviews, column="review"), 3))) == 3
    assert client.predict("A warm film.")


def test_memory_stays_flat_while_rows_are_answered(client: Client, reviews: Path) -> None:
    tracemalloc.start()
    try:
        assert sum(1 for _ in client.predict_rows(reviews, column="review")) == 50_001
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024**2  # the answer has eleven
    finally:
        tracemalloc.stop()


def test_an_answer_whose_worker_dies_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "rows.txt"
    source.write_text("A warm film.\n" * 500_000)
    with ready(tmp_path) as stack, Client(f"http://127.0.0.1:{stack.port}") as client:
        outcomes = client.predict_rows(source)
        assert isinstance(next(outcomes), Answer)
        for worker in children(stack.gunicorn()):
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(ServiceUnreachable, match="broke before the answer was whole"):
            list(outcomes)


def test_a_file_is_scored_into_a_file(client: Client, reviews: Path) -> None:
    target = reviews.with_name("scored.csv")
    client.score_file(reviews, target, column="review")
    header, first, *_ = target.read_text().splitlines()
    assert header.startswith("id,review,label,")
    assert first.startswith("1,A warm film.,")


def test_each_format_of_rows_is_answered(client: Client, tmp_path: Path) -> None:
    lines = {".txt": "Good.\n\nBad.", ".ndjson": '"Good."\n\n{"text": "Bad."}\n', ".csv": "text\nGood.\nBad.\n"}
    for suffix, content in lines.items():
        source = tmp_path / f"rows{suffix}"
        source.write_text(content)
        outcomes = list(client.predict_rows(source))
        assert [outcomes[0], outcomes[-1]] == client.predict_many(["Good.", "Bad."])
        client.score_file(source, tmp_path / "scored.ndjson")
        assert len((tmp_path / "scored.ndjson").read_text().splitlines()) == len(outcomes)


def test_a_column_that_is_not_there_is_refused(client: Client, reviews: Path) -> None:
    with pytest.raises(ServiceRefusal, match="no column of that name") as caught:
        client.score_file(reviews, reviews.with_name("scored.csv"), column="text")
    assert caught.value.pointer == "/column"
    assert [path.name for path in reviews.parent.iterdir()] == ["reviews.csv"]
