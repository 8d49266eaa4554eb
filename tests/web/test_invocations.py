"""Every form in which one or some texts come to /invocations; many rows: test_invocation_rows.py."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sentigrade.labels import slug_of
from sentigrade.scorer import Scorer
from sentigrade.web.bodies import current_request
from sentigrade.web.invocations import Invocations
from tests.web.conftest import LIMITS

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
GOOD, BAD = "A brilliant plot.", "A dreadful cast."
TOO_LONG = "x" * 1001
BLAZINGTEXT = {"instances": [GOOD, BAD], "configuration": {"k": 2}}


def post(client: FlaskClient, body: object, kind: str = "application/json", **headers: str) -> TestResponse:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    named = {ATTRIBUTES if name == "Attributes" else name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/invocations", data=content, headers={"Content-Type": kind, **named}, buffered=True)


def message(response: TestResponse) -> str:
    """The sentence of an error; checks its shape."""
    assert response.content_type == "application/json"
    error: dict[str, Any] = response.json or {}
    assert error.keys() == {"code", "type", "message"}
    assert error["code"] == response.status_code
    sentence: str = error["message"]
    return sentence


@pytest.mark.parametrize(
    "body",
    [{"mytext": GOOD}, {"texts": [GOOD, TOO_LONG]}, {"text": GOOD, "scores": True, "explain": True, "top_k": 2}],
)
def test_our_own_questions_are_answered_as_at_our_own_address(client: FlaskClient, body: object) -> None:
    response = post(client, body, "application/json; charset=utf-8")
    assert response.content_type == "application/json"
    assert response.data == client.post("/v1/predict", json=body).data


def test_a_request_of_blazingtext_is_answered_by_a_list_with_an_object_for_each_instance(client: FlaskClient) -> None:
    response = post(client, BLAZINGTEXT)
    assert response.content_type == "application/json"
    first, second = json.loads(response.data)
    own: dict[str, float] = json.loads(client.post("/", json={"mytext": GOOD, "top_k": 2}).data)["probabilities"]
    assert list(first) == ["label", "prob"]
    assert first["label"] == [f"__label__{slug_of(name)}" for name in own]
    assert first["prob"] == list(own.values())
    assert (first["label"][0], second["label"][0]) == ("__label__positive", "__label__negative")


def test_an_instance_that_cannot_be_classified_is_an_error_in_its_place(client: FlaskClient) -> None:
    first, error, last = json.loads(post(client, {"instances": [GOOD, TOO_LONG, GOOD]}).data)
    assert first == last
    assert len(first["label"]) == 1
    assert (error["error"]["code"], error["error"]["row"]) == ("text_too_long", 1)


def test_a_list_is_answered_by_lines_if_they_are_wanted(client: FlaskClient) -> None:
    for kind in ("application/jsonlines", "application/x-ndjson", "application/jsonl"):
        response = post(client, {"mytext": [GOOD, TOO_LONG]}, Accept=kind)
        assert response.content_type == kind
        first, second = map(json.loads, response.text.splitlines())
        assert (first["label"], second["error"]["row"]) == ("Positive", 1)


def test_one_text_is_one_line(client: FlaskClient) -> None:
    response = post(client, {"mytext": GOOD}, Accept="application/jsonlines")
    assert response.text.endswith("\n")
    assert json.loads(response.text) == client.post("/", json={"mytext": GOOD}).json


def test_blazingtext_is_answered_by_lines_or_bare_labels_if_they_are_wanted(client: FlaskClient) -> None:
    lines = post(client, BLAZINGTEXT, Accept="application/jsonlines")
    assert lines.content_type == "application/jsonlines"
    assert [list(json.loads(line)) for line in lines.text.splitlines()] == [["prob", "label"]] * 2
    labels = post(client, BLAZINGTEXT, Accept="text/plain")
    assert labels.content_type == "text/plain; charset=utf-8"
    assert [line.split()[0] for line in labels.text.splitlines()] == ["__label__positive", "__label__negative"]
    assert {len(line.split()) for line in labels.text.splitlines()} == {2}


def test_bare_labels_are_text(client: FlaskClient) -> None:
    assert post(client, {"mytext": GOOD}, Accept="text/plain").text == "Positive"
    assert post(client, {"mytext": [GOOD, BAD]}, Accept="text/plain").text == "Positive\nNegative\n"


def test_plain_text_is_one_text_of_any_number_of_lines(client: FlaskClient) -> None:
    for end in ("", "\n", "\r\n"):
        response = post(client, f"{GOOD}\n{BAD}{end}", "text/plain; charset=UTF-8")
        assert response.content_type == "application/json"
        assert response.json == client.post("/", json={"mytext": f"{GOOD}\n{BAD}"}).json


def test_of_plain_text_one_line_end_alone_is_no_part(client: FlaskClient) -> None:
    def start_of_text(body: bytes) -> Any:  # noqa: ANN401
        response = post(client, body, "text/plain", Attributes="sentigrade?sentences=true")
        return response.json["sentences"][0]["start"], response.json["sentences"][-1]["end"]  # type: ignore[index]

    assert start_of_text(b"\xef\xbb\xbfA plot.\n") == start_of_text(b"A plot.") == (0, 7)
    assert len(json.loads(post(client, TOO_LONG[:1000] + "\n", "text/plain").data)["probabilities"]) == 5
    assert post(client, TOO_LONG[:1000] + "\n\n", "text/plain").status_code == 400


def test_plain_text_is_answered_by_a_line_or_its_label_if_they_are_wanted(client: FlaskClient) -> None:
    assert post(client, GOOD, "text/plain", Accept="text/plain").text == "Positive"
    line = post(client, GOOD, "text/plain", Accept="application/x-ndjson")
    assert (line.content_type, line.text.count("\n")) == ("application/x-ndjson", 1)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"caf\xe9", "text/plain", 400),
        (GOOD.encode("utf-16"), "text/plain", 400),
        (b"caf\xe9", "text/plain; charset=latin-1", 415),
        (TOO_LONG, "text/plain", 400),
        (b"a\0b", "text/plain", 400),
        (b"a" * 50_001, "text/plain", 413),
        (b" " * 50_001, "application/json", 413),
        (b"", "application/json", 400),
        (b'{"mytext": "\xff"}', "application/json", 400),
        (b'{"mytext": 3}', "application/json", 400),
        (b'{"mytext": "a", "secret": 1}', "application/json", 400),
        (b'{"mytext": "a", "model": "secret"}', "application/json", 404),
        (b'{"instances": ["a"], "model": "sentiment"}', "application/json", 400),
        (b'{"instances": []}', "application/json", 400),
        (b'["secret"]', "application/json", 400),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(
    client: FlaskClient, body: str | bytes, kind: str, status: int
) -> None:
    response = post(client, body, kind)
    assert response.status_code == status
    assert message(response).rstrip(")").split(" (at ")[0].endswith(".")
    assert "secret" not in message(response).replace("/secret", "")


def test_more_instances_than_a_list_may_hold_are_refused(client: FlaskClient) -> None:
    client.application.config["MAX_CONTENT_LENGTH"] = 1_000_000
    assert "10,001" in message(post(client, {"instances": ["a"] * 10_001}))


def test_explanations_of_too_much_are_refused(scorer: Scorer, client: FlaskClient) -> None:
    client.application.config["MAX_CONTENT_LENGTH"] = 2_000_000
    response = post(client, {"mytext": ["x" * 1000] * 1001, "explain": True})
    assert response.status_code == 413
    assert "send fewer" in message(response)


@pytest.mark.parametrize("kind", ["application/xml", "application/x-npy", "application/vnd.a+b-c.d"])
def test_another_content_type_is_named_with_those_that_are_read(client: FlaskClient, kind: str) -> None:
    response = post(client, "a", kind.upper())
    assert response.status_code == 415
    assert message(response).startswith(f"content-type {kind} not supported; send application/json, ")
    assert message(response).endswith(", text/csv, text/plain.")


@pytest.mark.parametrize("kind", ["", "secret", "a/my secret", "a/<secret>", "a/b/c", "a/" + "b" * 100])
def test_a_content_type_that_is_none_is_not_repeated(client: FlaskClient, kind: str) -> None:
    response = post(client, "a", kind)
    assert response.status_code == 415
    assert message(response).startswith("content-type not supported; send application/json, ")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/csv", "application/jsonlines"])
def test_a_compressed_body_is_refused(client: FlaskClient, kind: str) -> None:
    response = post(client, b"\x1f\x8b", kind, Content_Encoding="gzip")
    assert response.status_code == 415
    assert "without Content-Encoding" in message(response)


@pytest.mark.parametrize("body", [{"mytext": GOOD}, BLAZINGTEXT])
def test_an_answer_that_is_not_acceptable_is_refused_by_those_that_are(client: FlaskClient, body: object) -> None:
    response = post(client, body, Accept="application/pdf")
    assert response.status_code == 406
    assert "application/json, application/jsonlines, application/x-ndjson" in message(response)


def test_a_query_is_refused_by_where_options_stand(client: FlaskClient) -> None:
    response = client.post("/invocations?top_k=2", json={"mytext": GOOD})
    assert response.status_code == 400
    assert ATTRIBUTES in message(response)


def test_options_may_stand_beside_a_body_that_has_none(client: FlaskClient) -> None:
    response = post(client, {"mytext": GOOD}, Attributes="sentigrade?top_k=2")
    assert response.data == client.post("/", json={"mytext": GOOD, "top_k": 2}).data


@pytest.mark.parametrize("option", [{"scores": True}, {"top_k": 2}, {"model": "sentiment"}])
def test_options_in_two_places_are_refused(client: FlaskClient, option: dict[str, Any]) -> None:
    response = post(client, {"mytext": GOOD, **option}, Attributes="sentigrade?top_k=2")
    assert response.status_code == 400
    assert "leave them out of one" in message(response)


def test_blazingtext_takes_a_model_and_no_other_option(client: FlaskClient) -> None:
    assert post(client, BLAZINGTEXT, Attributes="sentigrade?model=sentiment").status_code == 200
    assert post(client, BLAZINGTEXT, Attributes="sentigrade?model=nobody").status_code == 404
    refused = post(client, BLAZINGTEXT, Attributes="sentigrade?top_k=2")
    assert refused.status_code == 400
    assert "in its k" in message(refused)


def test_other_headers_of_sagemaker_change_nothing(client: FlaskClient) -> None:
    headers = {f"X-Amzn-SageMaker-{name}": "a,b" for name in ("Target-Model", "Inference-Id", "Session-Id")}
    assert post(client, {"mytext": GOOD}, **headers).data == post(client, {"mytext": GOOD}).data


def test_texts_are_counted_by_their_answers(client: FlaskClient) -> None:
    post(client, BLAZINGTEXT)
    post(client, GOOD, "text/plain")
    counts = client.get("/metrics").text
    assert 'sentigrade_labels_total{label="positive",model="sentiment",version="1"} 2.0' in counts
    assert 'sentigrade_requests_total{method="POST",path="/invocations",status="200"} 2.0' in counts


class TestAScorerOfItsOwn:
    """As /models/{name}/invoke calls it."""

    @pytest.fixture
    def client(self, app: Flask, scorer: Scorer) -> FlaskClient:
        app.extensions["sentigrade"].use([None])  # whatever else is served has no say here
        invocations = Invocations(app.extensions["sentigrade"], LIMITS)
        app.add_url_rule("/one", view_func=lambda: invocations.answer(current_request(), scorer), methods=["POST"])
        return app.test_client()

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", {"mytext": GOOD}),
            ("application/json", {"mytext": GOOD, "model": "sentiment"}),
            ("application/json", BLAZINGTEXT),
            ("text/plain", GOOD),
            ("text/csv", GOOD),
            ("application/jsonlines", {"source": GOOD}),
        ],
    )
    def test_it_answers_whatever_form_a_text_has(self, client: FlaskClient, kind: str, body: object) -> None:
        content = body if isinstance(body, str) else json.dumps(body)
        response = client.post("/one", data=content, content_type=kind, buffered=True)
        assert response.status_code == 200
        assert "positive" in response.text.lower()

    @pytest.mark.parametrize("body", [{"mytext": GOOD, "model": "other"}, {"mytext": GOOD, "model": ""}])
    def test_it_answers_for_no_other_model(self, client: FlaskClient, body: object) -> None:
        response = client.post("/one", json=body)
        assert response.status_code == 422
        assert "leave out the option model" in (response.json or {})["detail"]

    def test_nor_by_the_custom_attributes(self, client: FlaskClient) -> None:
        headers = {ATTRIBUTES: "sentigrade?model=other", "Content-Type": "text/csv"}
        assert client.post("/one", data=GOOD, headers=headers, buffered=True).status_code == 422
