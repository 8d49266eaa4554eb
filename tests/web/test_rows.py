"""Rows over HTTP, in the process; through nginx and gunicorn: tests/end_to_end/test_rows.py."""

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sentigrade.answer import Answer, Rejection
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app

REVIEWS = 'id,review,label\n7,"A brilliant plot, really.",4\n8,A dreadful cast.,0\n'
NDJSON = "application/x-ndjson"


def client_with(scorer: Scorer, settings: Settings) -> FlaskClient:
    app = create_app([scorer], settings)
    app.extensions["sentigrade"].start()
    return app.test_client()


def post(client: FlaskClient, path: str, **request: Any) -> TestResponse:  # noqa: ANN401 - as the client takes them
    """Send rows and read the whole answer, as a server does."""
    return client.post(path, buffered=True, **request)


@pytest.mark.parametrize("path", ["/", "/v1/predict"])
def test_a_csv_comes_back_with_columns_added(client: FlaskClient, path: str) -> None:
    response = post(client, f"{path}?column=review", data=REVIEWS, content_type="text/csv")
    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [(row["id"], row["review"], row["label"], row["answer_label"]) for row in rows] == [
        ("7", "A brilliant plot, really.", "4", "Positive"),
        ("8", "A dreadful cast.", "0", "Negative"),
    ]


def test_lines_of_json_are_answered_line_by_line(client: FlaskClient) -> None:
    body = '{"mytext": "A brilliant plot."}\nnonsense\n"A dreadful cast."\n'
    response = post(client, "/v1/predict?scores=true", data=body, content_type=NDJSON)
    assert response.content_type == f"{NDJSON}; charset=utf-8"
    first, second, third = map(json.loads, response.text.splitlines())
    single = post(client, "/", json={"mytext": "A brilliant plot.", "scores": True})
    assert first == single.json
    assert (second["error"]["code"], second["error"]["row"]) == ("malformed", 1)
    assert third["label"] == "Negative"


def test_lines_of_text_are_answered_as_json_or_as_bare_labels(client: FlaskClient) -> None:
    body = "A brilliant plot.\nA dreadful cast.\n"
    lines = post(client, "/", data=body, content_type="text/plain; charset=UTF-8").text.splitlines()
    assert [json.loads(line)["label"] for line in lines] == ["Positive", "Negative"]
    labels = post(client, "/", data=body, content_type="text/plain", headers={"Accept": "text/plain"})
    assert labels.text == "Positive\nNegative\n"


def test_no_rows_have_no_answers(client: FlaskClient) -> None:
    for kind in (NDJSON, "text/plain"):
        response = post(client, "/", data=b"", content_type=kind)
        assert (response.status_code, response.data) == (200, b"")


def test_a_text_that_is_too_long_is_an_error_row_and_its_neighbours_stand(client: FlaskClient) -> None:
    body = "A brilliant plot.\n" + "x" * 1001 + "\nA dreadful cast.\n"
    first, second, third = map(json.loads, post(client, "/", data=body, content_type="text/plain").text.splitlines())
    assert (first["label"], third["label"]) == ("Positive", "Negative")
    assert (second["error"]["code"], second["error"]["row"]) == ("text_too_long", 1)


@pytest.mark.parametrize(
    ("query", "kind", "body", "status", "pointer"),
    [
        ("column=nowhere", "text/csv", REVIEWS, 422, "/column"),
        ("", "text/csv", REVIEWS, 422, "/column"),
        ("column=review", "text/plain", "a", 422, "/column"),
        ("column=review", "text/csv", "", 400, None),
        ("column=review&explain=true", "text/csv", REVIEWS, 422, "/explain"),
        ("thresholds=%7B%22Positive%22:0.5%7D", NDJSON, '"a"', 422, "/thresholds"),
        ("colum=review", "text/csv", REVIEWS, 422, "/colum"),
        ("text=a", NDJSON, '"a"', 422, "/text"),
        ("top_k=0", NDJSON, '"a"', 422, "/top_k"),
        ("model=nobody", NDJSON, '"a"', 404, "/model"),
        ("", NDJSON, "a".encode("utf-16"), 400, None),
        ("", "text/plain; charset=latin-1", "a", 415, None),
        ("", "application/x-www-form-urlencoded", "mytext=a", 415, None),
    ],
)
def test_what_concerns_the_whole_body_is_a_problem_and_no_answer_has_begun(  # noqa: PLR0917 - a table
    client: FlaskClient, query: str, kind: str, body: str | bytes, status: int, pointer: str | None
) -> None:
    response = post(client, f"/v1/predict?{query}", data=body, content_type=kind)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert (response.json or {}).get("pointer") == pointer


def test_a_column_of_an_error_is_not_repeated(client: FlaskClient) -> None:
    response = post(client, "/v1/predict?column=private", data="secret\nx\n", content_type="text/csv")
    assert "private" not in response.text
    assert "secret" not in response.text


@pytest.mark.parametrize("kind", ["application/json", "text/csv"])
def test_a_compressed_body_is_refused(client: FlaskClient, kind: str) -> None:
    for encoding, status in (("gzip", 415), ("br", 415), ("identity", 200)):
        body = '{"mytext": "A plot."}' if kind == "application/json" else "text\nA plot.\n"
        response = post(client, "/", data=body, content_type=kind, headers={"Content-Encoding": encoding})
        assert response.status_code == status


def test_rows_may_be_more_than_a_json_body_but_not_more_than_their_limit(scorer: Scorer, tmp_path: Path) -> None:
    client = client_with(scorer, Settings(max_body_bytes=100, max_rows_bytes=2000, spool=str(tmp_path)))
    line = "A brilliant plot.\n"
    within = post(client, "/", data=line * 100, content_type="text/plain")
    assert len(within.text.splitlines()) == 100
    beyond = post(client, "/", data=line * 200, content_type="text/plain")
    assert beyond.status_code == 413
    assert "fewer texts" in (beyond.json or {})["detail"]


def test_a_row_may_be_as_long_as_a_json_body(scorer: Scorer) -> None:
    client = client_with(scorer, Settings(max_body_bytes=100))
    lines = post(client, "/", data="short\n" + "x" * 200 + "\nshort\n", content_type="text/plain").text.splitlines()
    assert [json.loads(line).get("error", {}).get("code") for line in lines] == [None, "row_too_long", None]


def test_the_master_hears_of_a_worker_that_reads_what_makes_no_answer(client: FlaskClient) -> None:
    heard: list[bool] = []
    connection = SimpleNamespace(notify=lambda: heard.append(True))
    body = "text\n" + "\n" * 500_000 + "A plot.\n"
    environ = {"gunicorn.socket": connection}
    response = post(client, "/", data=body, content_type="text/csv", environ_overrides=environ)
    assert len(response.text.splitlines()) == 2
    assert len(heard) >= 500_000 // 65_536


def test_a_body_that_is_cut_off_is_refused(client: FlaskClient) -> None:
    as_gunicorn_says = {"CONTENT_LENGTH": "100", "wsgi.input_terminated": True}
    response = post(client, "/", data=b"A plot.\n", content_type="text/plain", environ_overrides=as_gunicorn_says)
    assert response.status_code == 400
    assert "before its last byte" in (response.json or {})["detail"]


def test_a_spool_without_room_is_said_and_logged(scorer: Scorer, caplog: pytest.LogCaptureFixture) -> None:
    client = client_with(scorer, Settings(spool="/nowhere/spool"))
    response = post(client, "/", data=b"A plot.\n" * 200_000, content_type="text/plain")
    assert response.status_code == 507
    assert "fewer rows" in (response.json or {})["detail"]
    assert caplog.records[-1].getMessage() == "not spooled"


def test_every_row_is_counted_when_the_answer_has_been_read(
    client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    post(client, "/v1/predict", data="A brilliant plot.\n" * 700 + "x" * 1001, content_type="text/plain")
    lines = map(json.loads, capfd.readouterr().out.splitlines())
    (line,) = [line for line in lines if line["logger"] == "sentigrade.access"]
    assert (line["status"], line["texts"]) == (200, 701)
    counts = client.get("/metrics").text
    assert 'sentigrade_labels_total{label="positive",model="sentiment",version="1"} 700.0' in counts
    assert 'sentigrade_rejections_total{code="text_too_long"} 1.0' in counts


def test_rows_have_a_series_of_their_own_in_the_metrics(client: FlaskClient) -> None:
    post(client, "/v1/predict", data="A plot.\n", content_type="text/plain")
    counts = client.get("/metrics").text
    assert 'sentigrade_requests_total{method="POST",path="rows",status="200"} 1.0' in counts
    assert 'sentigrade_request_seconds_count{path="rows"} 1.0' in counts


def test_an_answer_that_nobody_takes_to_its_end_is_not_counted_as_one(client: FlaskClient) -> None:
    response = client.post("/v1/predict", data="A plot.\n" * 1000, content_type="text/plain")
    next(iter(response.response))
    response.close()
    assert 'sentigrade_requests_total{method="POST",path="rows",status="499"} 1.0' in client.get("/metrics").text


def test_an_answer_that_fails_from_the_start_is_a_failure_like_any_other(
    client: FlaskClient, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(texts: list[str], options: Options) -> list[Answer | Rejection]:
        assert not texts
        return []

    monkeypatch.setattr(scorer, "score", fail)
    response = post(client, "/v1/predict", data="A plot.\n", content_type="text/plain")
    assert (response.status_code, (response.json or {})["code"]) == (500, "internal")
    assert 'sentigrade_requests_total{method="POST",path="rows",status="500"} 1.0' in client.get("/metrics").text


def test_an_answer_that_fails_half_way_is_counted_as_a_failure(
    client: FlaskClient, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = scorer.score

    def fail_later(texts: list[str], options: Options) -> list[Answer | Rejection]:
        assert "A cast." not in texts
        return score(texts, options)

    monkeypatch.setattr(scorer, "score", fail_later)
    with pytest.raises(AssertionError):
        post(client, "/v1/predict", data="A plot.\n" * 256 + "A cast.\n", content_type="text/plain")
    assert 'sentigrade_requests_total{method="POST",path="rows",status="500"} 1.0' in client.get("/metrics").text
