import json

import pytest
from flask.testing import FlaskClient

from sentigrade.labels import FIVE_LEVELS
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app


@pytest.mark.parametrize("path", ["/", "/v1/predict"])
def test_a_text_is_answered_in_the_settled_shape(client: FlaskClient, path: str) -> None:
    response = client.post(path, json={"mytext": "A brilliant plot."})
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.json is not None
    assert list(response.json) == ["label", "level", "polarity", "probabilities", "model", "version"]
    assert response.json["label"] == "Positive"
    assert tuple(response.json["probabilities"]) == FIVE_LEVELS.names


def test_a_list_is_answered_by_as_many_in_order(client: FlaskClient) -> None:
    response = client.post("/", json={"mytext": ["A brilliant plot.", "A dreadful plot.", ""]})
    labels = [answer["label"] for answer in (response.json or {})["answers"]]
    assert labels[:2] == ["Positive", "Negative"]
    assert len(labels) == 3


def test_a_get_may_carry_the_text_in_its_query(client: FlaskClient) -> None:
    for path in ("/v1/predict?text=A+brilliant+plot.", "/?text=A+brilliant+plot."):
        assert (client.get(path).json or {})["label"] == "Positive"


@pytest.mark.parametrize("content_type", ["application/json", None])
def test_a_get_may_carry_the_json_in_its_body(client: FlaskClient, content_type: str | None) -> None:
    for path in ("/v1/predict", "/"):
        response = client.get(path, data=b'{"mytext": "A brilliant plot."}', content_type=content_type)
        assert (response.json or {})["label"] == "Positive"


def test_accepting_text_gives_the_bare_label(client: FlaskClient) -> None:
    headers = {"Accept": "text/plain"}
    response = client.post("/", json={"mytext": "A brilliant plot."}, headers=headers)
    assert response.text == "Positive"
    assert response.content_type == "text/plain; charset=utf-8"
    assert client.post("/", json={"mytext": ["A brilliant plot."]}, headers=headers).text == "Positive\n"


def test_accepting_anything_or_json_gives_json(client: FlaskClient) -> None:
    for accept in ("*/*", "application/json", "application/json, text/plain, */*", "image/png"):
        response = client.post("/", json={"mytext": "A plot."}, headers={"Accept": accept})
        assert response.content_type == "application/json"


def test_scores_come_on_request(client: FlaskClient) -> None:
    response = client.post("/", json={"mytext": "A brilliant plot.", "scores": True})
    assert set((response.json or {})["scores"]) == set(FIVE_LEVELS.names)


def test_a_served_model_may_be_named(client: FlaskClient) -> None:
    response = client.post("/", json={"mytext": "A brilliant plot.", "model": "sentiment"})
    assert (response.json or {})["model"] == "sentiment"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.sentigrade+json"])
def test_json_goes_by_several_names(client: FlaskClient, content_type: str) -> None:
    response = client.post("/", data=b'{"mytext": "A plot."}', content_type=content_type)
    assert response.status_code == 200


def test_a_text_too_long_in_a_list_leaves_its_neighbours_alone(client: FlaskClient) -> None:
    response = client.post("/", json={"mytext": ["A brilliant plot.", "x" * 2000]})
    first, second = (response.json or {})["answers"]
    assert first["label"] == "Positive"
    assert second["error"]["code"] == "text_too_long"
    assert second["error"]["row"] == 1


def test_the_page_says_how_to_call(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.content_type.startswith("text/html")
    assert "mytext" in response.text
    assert "curl" in response.text


def test_options_of_a_json_body_do_not_stand_in_the_query(client: FlaskClient) -> None:
    for response in (
        client.post("/?explain=true", json={"mytext": "A plot."}),
        client.get("/?a=b", json={"text": "a"}),
    ):
        assert response.status_code == 422
        assert "stand in it; leave out the query" in (response.json or {})["detail"]


def test_a_link_with_a_query_of_its_own_leads_to_the_page(client: FlaskClient) -> None:
    response = client.get("/?utm_source=letter")
    assert response.status_code == 200
    assert response.mimetype == "text/html"


@pytest.mark.parametrize("detail", ["explain", "sentences"])
def test_answers_to_every_word_are_for_so_many_characters_at_once(scorer: Scorer, detail: str) -> None:
    app = create_app([scorer], Settings(max_detailed_characters=100))
    app.extensions["sentigrade"].start()
    client = app.test_client()
    texts = ["A brilliant plot." * 2] * 3
    assert client.post("/", json={"mytext": texts}).status_code == 200
    assert client.post("/", json={"mytext": texts[:2], detail: True}).status_code == 200
    refused = client.post("/", json={"mytext": texts, detail: True})
    assert refused.status_code == 413
    assert "at most 100 characters" in (refused.json or {})["detail"]
    rows = "\n".join(map(json.dumps, texts))
    answered = client.post(f"/?{detail}=true", data=rows, content_type="application/x-ndjson", buffered=True)
    assert len(answered.text.splitlines()) == 3
