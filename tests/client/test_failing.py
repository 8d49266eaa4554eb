"""What goes wrong between a client and a service, and what the client makes of it."""

import logging
import socket
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from sentigrade.client import Answer, Client, Patience
from sentigrade.errors import (
    ServiceBusy,
    ServiceError,
    ServiceRefusal,
    ServiceUnreachable,
    UnreadableAnswer,
    UnsupportedMediaType,
)
from tests.client.scripted import ANSWER, answer, answers, asking, busy, chunked, line, problem, reply, serving
from tests.live import free_port

CUT_OFF = answer()[:-10]
NO_RETRY = Patience(retries=0)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the client wants to make; none is made."""
    wanted: list[float] = []
    monkeypatch.setattr("sentigrade.client.patience.sleep", wanted.append)
    return wanted


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.txt"
    path.write_text("good\nbad\n")
    return path


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_busy_service_is_asked_again_when_it_says(status: int, pauses: list[float]) -> None:
    with asking(busy(status, "3"), busy(status, "2"), answer()) as (client, service):
        assert client.predict("a").label == "Positive"
    assert pauses == [3, 2]
    assert [asked.json for asked in service.asked] == [{"mytext": "a"}] * 3


def test_the_pause_is_really_made() -> None:
    with asking(busy(503, "1"), answer()) as (client, _):
        start = time.monotonic()
        client.predict("a")
    assert time.monotonic() - start >= 1


def test_the_time_to_come_again_may_be_a_date(pauses: list[float]) -> None:
    in_ten_seconds = formatdate(time.time() + 10, usegmt=True)
    with asking(busy(503, in_ten_seconds), answer()) as (client, _):
        client.predict("a")
    assert 8 < pauses[0] <= 10


@pytest.mark.parametrize("retry_after", [None, "0", "soon"])
def test_without_a_time_to_come_again_the_pauses_grow(retry_after: str | None, pauses: list[float]) -> None:
    with asking(busy(503, retry_after)) as (client, service), pytest.raises(ServiceBusy):
        client.predict("a")
    assert len(service.asked) == 5
    assert pauses[0] == 0
    assert 0.5 <= pauses[1] < 1 <= pauses[2] < 2 <= pauses[3] < 3


def test_a_service_that_stays_busy_is_asked_so_often_and_no_more(pauses: list[float]) -> None:
    reply_503 = problem(503, code="not_ready", detail="Not ready: loading. Try again soon.")
    with (
        asking(reply_503, patience=Patience(retries=2)) as (client, service),
        pytest.raises(ServiceBusy, match=r"Not ready: loading.*\(503 not_ready, request r-1\)"),
    ):
        client.predict("a")
    assert len(service.asked) == 3


def test_the_pauses_together_are_bounded(pauses: list[float]) -> None:
    with asking(busy(429, "4"), patience=Patience(retry_seconds=10)) as (client, service):
        with pytest.raises(ServiceBusy):
            client.predict("a")
        assert pauses == [4, 4]
        with pytest.raises(ServiceBusy):
            client.predict("a")
    assert pauses == [4, 4, 4, 4]  # each request has its own patience
    assert len(service.asked) == 6


def test_a_load_balancer_that_is_busy_in_its_own_words_is_busy(pauses: list[float]) -> None:
    with (
        asking(reply(b"<html>", "text/html", 503)) as (client, _),
        pytest.raises(ServiceBusy, match="try again later"),
    ):
        client.predict("a")


def test_a_request_that_took_too_long_for_the_gateway_is_not_repeated() -> None:
    with (
        asking(problem(504, code="gateway_timeout")) as (client, service),
        pytest.raises(ServiceBusy, match="504 gateway_timeout"),
    ):
        client.predict("a")
    assert len(service.asked) == 1


def test_a_refusal_says_all_that_the_service_said() -> None:
    said = problem(422, code="invalid", detail="model is the name of a served model.", pointer="/model")
    with asking(said) as (client, service), pytest.raises(ServiceRefusal) as caught:
        client.predict("a")
    error = caught.value
    assert (error.status, error.code, error.pointer, error.request_id) == (422, "invalid", "/model", "r-1")
    assert error.detail == "model is the name of a served model."
    assert str(error) == "model is the name of a served model. (422 invalid, at /model, request r-1)"
    assert not isinstance(error, ServiceBusy)
    assert len(service.asked) == 1


def test_nobody_at_the_port_is_tried_again_and_then_said(pauses: list[float]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with Client(url) as client, pytest.raises(ServiceUnreachable, match=f"{url}: the connection is refused; check"):
        client.predict("a")
    assert len(pauses) == 4


def test_a_host_that_does_not_exist_is_said(pauses: list[float]) -> None:
    with Client("http://nowhere.invalid") as client, pytest.raises(ServiceUnreachable, match="no such host"):
        client.predict("a")


def test_a_service_that_is_silent_is_given_up_and_not_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url, patience = f"http://127.0.0.1:{silent.getsockname()[1]}", Patience(answer_seconds=0.05, retries=3)
        with Client(url, patience=patience) as client, pytest.raises(ServiceUnreachable, match="nothing came for too"):
            client.predict("a")
        silent.accept()[0].close()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_something_else_than_tls_is_not_asked_again(pauses: list[float]) -> None:
    with (
        serving(answer()) as service,
        Client(service.url.replace("http:", "https:")) as client,
        pytest.raises(ServiceUnreachable, match="TLS failed"),
    ):
        client.predict("a")
    assert pauses == []


def test_an_answer_that_was_cut_off_is_asked_for_again(pauses: list[float]) -> None:
    with asking(CUT_OFF, b"", chunked(b"{", kind="application/json", whole=False), answer()) as (client, service):
        assert client.predict("a").label == "Positive"
    assert len(service.asked) == 4


def test_an_answer_that_is_always_cut_off_is_an_error(pauses: list[float]) -> None:
    with (
        asking(CUT_OFF) as (client, service),
        pytest.raises(ServiceUnreachable, match="the connection broke before the answer was whole"),
    ):
        client.predict("a")
    assert len(service.asked) == 5


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (reply(b"<html>", "text/html"), "answers with text/html instead of application/json"),
        (reply(b"<html>", "text/html", 404), "answers with status 404"),
        (reply(b"", "text/html", 301, Location="https://example.org/"), "status 301 and leads to https://example.org/"),
        (reply(b"nonsense", "application/problem+json", 400), "answers with status 400"),
        (reply(b"nonsense"), "not an answer that this client knows"),
        (reply(b"\xff"), "not an answer that this client knows"),
        (reply(b'{"label": "secret"}'), "missing required field `probabilities`"),
        (reply(b'{"answers": []}'), "missing required field `probabilities`"),
        (reply(b"{}", Content_Type=""), "answers with no content type"),
        (b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{", "does not say where its answer ends"),
    ],
)
def test_what_no_sentigrade_says_is_not_taken_for_an_answer(said: bytes, reason: str) -> None:
    with asking(said) as (client, service), pytest.raises(UnreadableAnswer, match=f"{reason}.*check that") as caught:
        client.predict("a")
    assert "secret" not in str(caught.value)
    assert len(service.asked) == 1


@pytest.mark.parametrize("said", [answers(ANSWER), answers(ANSWER, ANSWER, ANSWER), answers(ANSWER, {"error": 3})])
def test_a_list_of_answers_has_one_for_each_text(said: bytes) -> None:
    with asking(said) as (client, _), pytest.raises(UnreadableAnswer):
        client.predict_many(["a", "b"])


def test_a_file_is_sent_from_its_start_again(rows: Path, pauses: list[float]) -> None:
    with asking(busy(503, "1"), b"", chunked(line(ANSWER), line(ANSWER))) as (client, service):
        assert len(list(client.predict_rows(rows))) == 2
    assert [asked.body for asked in service.asked] == [b"good\nbad\n"] * 3


def _until_it_fails(outcomes: Iterator[object]) -> tuple[int, ServiceError]:
    came: list[object] = []
    with pytest.raises(ServiceError) as caught:
        came.extend(outcomes)
    return len(came), caught.value


def test_a_stream_that_breaks_off_gives_the_rows_that_came_and_then_an_error(rows: Path) -> None:
    with asking(chunked(line(ANSWER), whole=False)) as (client, service):
        came, error = _until_it_fails(client.predict_rows(rows))
    assert came == 1
    assert isinstance(error, ServiceUnreachable)
    assert len(service.asked) == 1


def test_a_stream_that_breaks_off_in_a_line_is_an_error(rows: Path) -> None:
    half = line(ANSWER)[:20]
    with asking(chunked(half, whole=False), chunked(half)) as (client, _):
        assert isinstance(_until_it_fails(client.predict_rows(rows))[1], ServiceUnreachable)
        assert isinstance(_until_it_fails(client.predict_rows(rows))[1], UnreadableAnswer)


@pytest.mark.parametrize("text", ["a\n", "a\nb\nc", "a\nb\n\n", "\n", "", "\ufeff"])
def test_a_stream_of_more_or_fewer_rows_than_the_file_has_is_an_error(rows: Path, text: str) -> None:
    rows.write_text(text)
    with asking(chunked(line(ANSWER), line(ANSWER))) as (client, _):
        came, error = _until_it_fails(client.predict_rows(rows))
    assert came == 2
    assert isinstance(error, UnreadableAnswer)


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb\r\n", "\n\n", "\ufeff\n\ufeff"])
def test_every_line_counts_as_a_row(rows: Path, text: str) -> None:
    rows.write_text(text)
    with asking(chunked(line(ANSWER), line(ANSWER))) as (client, _):
        assert len(list(client.predict_rows(rows))) == 2


@pytest.mark.parametrize(
    "said",
    [
        chunked(b"Positive\nPositive\n", kind="text/plain", whole=False),
        chunked(b"Positive\n", kind="text/plain"),
        problem(422),
    ],
)
def test_a_file_that_could_not_be_answered_whole_leaves_what_was_there(rows: Path, said: bytes) -> None:
    target = rows.with_name("scored.txt")
    target.write_text("of yesterday")
    with asking(said, patience=NO_RETRY) as (client, _), pytest.raises(ServiceError):
        client.score_file(rows, target)
    assert target.read_text() == "of yesterday"
    assert sorted(path.name for path in rows.parent.iterdir()) == ["rows.txt", "scored.txt"]


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(rows: Path) -> None:
    with asking(chunked(kind="text/plain")) as (client, _), pytest.raises(FileNotFoundError):
        client.score_file(rows, rows.parent / "nowhere" / "scored.txt")


def test_a_file_whose_name_does_not_say_what_is_in_it_is_not_sent(rows: Path) -> None:
    source = rows.rename(rows.with_suffix(".xlsx"))
    with Client("http://127.0.0.1:9") as client:
        with pytest.raises(UnsupportedMediaType, match=r"\.ndjson, \.jsonl, \.csv, \.txt; rename or convert rows.xlsx"):
            next(client.predict_rows(source))
        with pytest.raises(UnsupportedMediaType, match="scored"):
            client.score_file(source, rows.with_name("scored"))


def test_lines_cannot_become_a_csv(rows: Path) -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(UnsupportedMediaType, match="Only a CSV"):
        client.score_file(rows, rows.with_name("scored.csv"))


def test_a_file_that_is_missing_is_an_error_of_the_system() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(FileNotFoundError):
        next(client.predict_rows(Path("nowhere.csv")))


def test_the_client_prints_nothing(
    pauses: list[float], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with asking(b"", busy(), answer()) as (client, _):
        assert isinstance(client.predict("confidential"), Answer)
    assert capfd.readouterr() == ("", "")
    assert "confidential" not in caplog.text
