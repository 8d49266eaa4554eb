"""Many rows to /invocations, as batch transform sends them."""

import csv
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from sentigrade.web.invocation_rows import LINES
from sentigrade.wire.rows.formats import ROW_TYPES, Format

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
GOOD, BAD = "A brilliant plot.", "A dreadful cast."
SOURCES = f'{{"source": "{GOOD}"}}\n{{"source": "{BAD}", "k": 2}}\n'
OWN_LINES = f'{{"text": "{GOOD}"}}\n"{BAD}"\n'


def post(client: FlaskClient, body: str | bytes, kind: str, **headers: str) -> TestResponse:
    named = {ATTRIBUTES if name == "Attributes" else name: value for name, value in headers.items()}
    return client.post("/invocations", data=body, headers={"Content-Type": kind, **named}, buffered=True)


def lines_of(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.splitlines()]


def records_of(response: TestResponse) -> list[list[str]]:
    assert response.status_code == 200
    return list(csv.reader(response.text.splitlines(keepends=True)))


def test_every_name_of_lines_is_known() -> None:
    assert set(LINES) == {name for name, format_ in ROW_TYPES.items() if format_ is Format.NDJSON}


@pytest.mark.parametrize("kind", LINES)
def test_lines_with_a_source_are_answered_as_blazingtext_does(client: FlaskClient, kind: str) -> None:
    response = post(client, SOURCES, kind)
    assert response.content_type == kind
    first, second = lines_of(response)
    assert list(first) == ["prob", "label"]
    assert first["label"] == ["__label__positive"]
    assert second["label"][0] == "__label__negative"
    assert len(second["prob"]) == 2


def test_a_bad_source_is_an_error_line_and_its_neighbours_stand(client: FlaskClient) -> None:
    body = SOURCES + "broken\n\n" + json.dumps({"source": "x" * 1001}) + "\n" + SOURCES
    lines = lines_of(post(client, body, "application/jsonlines"))
    assert [line.get("error", {}).get("code") for line in lines] == [
        *(None, None),
        *("malformed", "malformed", "text_too_long"),
        *(None, None),
    ]
    assert [line["error"]["row"] for line in lines[2:5]] == [2, 3, 4]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/json", "application/jsonlines"),
        ("text/plain", "application/jsonlines"),
        ("*/*", "application/jsonlines"),
    ],
)
def test_of_what_blazingtext_may_be_answered_by_all_but_lines_is_ignored(
    client: FlaskClient, accept: str, kind: str
) -> None:
    response = post(client, SOURCES, "application/jsonlines", Accept=accept)
    assert (response.status_code, response.content_type) == (200, kind)


def test_blazingtext_s_lines_take_a_model_and_no_other_option(client: FlaskClient) -> None:
    kind = "application/jsonlines"
    assert len(lines_of(post(client, SOURCES, kind, Attributes="sentigrade?model=sentiment"))) == 2
    refused = post(client, SOURCES, kind, Attributes="sentigrade?top_k=2")
    assert refused.status_code == 400
    assert "in its k" in (refused.json or {})["message"]


def test_a_column_named_source_makes_it_our_own_format(client: FlaskClient) -> None:
    attributes = "sentigrade?column=source&top_k=1"
    first, _ = lines_of(post(client, SOURCES, "application/jsonlines", Attributes=attributes))
    assert first["label"] == "Positive"
    assert len(first["probabilities"]) == 1


@pytest.mark.parametrize("kind", LINES)
def test_our_own_lines_are_answered_as_at_our_own_address(client: FlaskClient, kind: str) -> None:
    response = post(client, OWN_LINES + "broken\n", kind)
    assert response.content_type == kind
    assert response.data == client.post("/", data=OWN_LINES + "broken\n", content_type=kind, buffered=True).data


def test_our_own_lines_are_answered_by_bare_labels_if_they_are_wanted(client: FlaskClient) -> None:
    response = post(client, OWN_LINES, "application/jsonlines", Accept="text/plain")
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.text == "Positive\nNegative\n"


def test_each_record_of_a_csv_is_a_text_answered_by_the_added_cells_alone(client: FlaskClient) -> None:
    response = post(client, f'text\n"{GOOD}"\n\n{BAD}\n', "text/csv")
    assert response.content_type == "text/csv; charset=utf-8"
    records = records_of(response)
    assert [record[0] for record in records][1::2] == ["Positive", "Negative"]
    assert {len(record) for record in records} == {12}
    assert records[1][-4:] == ["sentiment", "1", "", ""]
    assert len(records) == 4


def test_a_second_column_is_an_error_row_that_says_what_to_do(client: FlaskClient) -> None:
    first, second, third = records_of(post(client, f"{GOOD}\n7,secret\n{BAD}\n", "text/csv"))
    assert (first[0], third[0]) == ("Positive", "Negative")
    assert second[:-1] == [*[""] * 10, "invalid"]
    assert "header=present" in second[-1]
    assert "secret" not in second[-1]


@pytest.mark.parametrize("kind", ["text/csv; header=present", "Text/CSV;charset=utf-8; Header=Present"])
def test_a_csv_with_a_header_is_answered_as_at_our_own_address(client: FlaskClient, kind: str) -> None:
    body = f"id,review\n1,{GOOD}\n2,{BAD}\n"
    own = client.post("/v1/predict?column=review", data=body, content_type="text/csv", buffered=True)
    response = post(client, body, kind, Attributes="sentigrade?column=review")
    assert (response.content_type, response.data) == (own.content_type, own.data)


def test_any_other_word_about_the_header_means_there_is_none(client: FlaskClient) -> None:
    assert len(records_of(post(client, f"text\n{GOOD}\n", "text/csv; header=absent"))) == 2


@pytest.mark.parametrize("kind", ["text/csv", "text/csv; header=present"])
def test_a_csv_is_answered_by_lines_or_bare_labels_if_they_are_wanted(client: FlaskClient, kind: str) -> None:
    body = ("text\n" if "header" in kind else "") + f"{GOOD}\n{BAD}\n"
    lines = post(client, body, kind, Accept="application/jsonlines")
    assert lines.content_type == "application/jsonlines"
    assert [line["label"] for line in lines_of(lines)] == ["Positive", "Negative"]
    assert post(client, body, kind, Accept="text/plain").text == "Positive\nNegative\n"


@pytest.mark.parametrize("rows", [0, 1, 300])
@pytest.mark.parametrize("kind", ["text/csv", "application/jsonlines"])
def test_rows_are_answered_in_json_like_a_list_of_texts(client: FlaskClient, kind: str, rows: int) -> None:
    texts = [GOOD, "a\0b", BAD] * (rows // 3 + 1)
    body = "".join(f"{text if kind == 'text/csv' else json.dumps(text)}\n" for text in texts[:rows])
    response = post(client, body, kind, Accept="application/json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    answers = json.loads(response.data)["answers"]
    assert len(answers) == rows
    listed = client.post("/v1/predict", json={"mytext": texts[:rows]})
    assert not rows or answers == json.loads(listed.data)["answers"]


@pytest.mark.parametrize("kind", ["text/csv", *LINES])
def test_no_rows_have_no_answers(client: FlaskClient, kind: str) -> None:
    response = post(client, b"", kind)
    assert (response.status_code, response.data) == (200, b"")


@pytest.mark.parametrize(
    ("kind", "body", "headers", "status", "advice"),
    [
        ("text/csv", GOOD, {"Accept": "application/xml"}, 406, "can be text/csv, application/jsonlines"),
        (
            "application/jsonl",
            OWN_LINES,
            {"Accept": "text/csv"},
            406,
            "can be application/jsonl, application/jsonlines",
        ),
        ("text/csv", GOOD.encode("utf-16"), {}, 400, "UTF-8"),
        ("application/jsonlines", SOURCES.encode("utf-16"), {}, 400, "UTF-8"),
        ("text/csv; charset=latin-1", GOOD, {}, 415, "charset=utf-8"),
        ("application/jsonlines; charset=latin-1", SOURCES, {}, 415, "charset=utf-8"),
        ("text/csv", GOOD, {"Attributes": "sentigrade?column=text"}, 400, "header=present"),
        ("text/csv", GOOD, {"Attributes": "sentigrade?explain=true"}, 400, "no room for explain"),
        ("text/csv", GOOD, {"Attributes": "sentigrade?model=secret"}, 404, "no such model"),
        ("text/csv; header=present", "", {}, 400, "names the columns"),
        ("text/csv; header=present", "id,secret\n", {}, 400, "with the option column."),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_concerns_the_whole_body_is_refused_before_anything_is_answered(  # noqa: PLR0917 - a table
    client: FlaskClient, kind: str, body: str | bytes, headers: dict[str, str], status: int, advice: str
) -> None:
    response = post(client, body, kind, **headers)
    assert response.status_code == status
    assert advice in (response.json or {})["message"]
    assert "secret" not in response.text


def test_rows_may_be_more_than_json_but_not_more_than_their_limit(scorer: Scorer) -> None:
    app = create_app([scorer], Settings(max_body_bytes=100, max_rows_bytes=5000))
    app.extensions["sentigrade"].start()
    client = app.test_client()
    assert len(lines_of(post(client, SOURCES * 50, "application/jsonlines"))) == 100
    refused = post(client, SOURCES * 100, "application/jsonlines")
    assert (refused.status_code, (refused.json or {})["type"]) == (413, "too_large")


def test_rows_have_a_series_of_their_own_in_the_metrics(client: FlaskClient) -> None:
    post(client, SOURCES, "application/jsonlines")
    assert 'sentigrade_requests_total{method="POST",path="rows",status="200"} 1.0' in client.get("/metrics").text
