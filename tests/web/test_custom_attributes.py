"""The header comes back as it was, whatever the answer, and may hold options."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

NAME = "X-Amzn-SageMaker-Custom-Attributes"


def post(
    client: FlaskClient, attributes: str, body: str = "A brilliant plot.", kind: str = "text/plain"
) -> TestResponse:
    headers = {NAME: attributes, "Content-Type": kind}
    return client.post("/invocations", data=body, headers=headers, buffered=True)


@pytest.mark.parametrize(
    "value", ["a", "trace=7; user b", "~" * 1024, "sentigrade", "%0d%0aX-Injected: 1", "a?top_k=x"]
)
def test_a_value_of_the_caller_s_own_comes_back_and_changes_nothing(client: FlaskClient, value: str) -> None:
    response = post(client, value)
    assert (response.status_code, response.headers[NAME]) == (200, value)
    assert response.json == client.post("/", json={"mytext": "A brilliant plot."}).json


def test_without_it_the_answer_has_none(client: FlaskClient) -> None:
    assert NAME not in client.post("/invocations", json={"mytext": "a"}).headers
    assert NAME not in post(client, "").headers


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", '{"instances": ["a"]}', 200),
        ("application/jsonlines", '{"source": "a"}', 200),
        ("text/csv", "a", 200),
        ("application/json", "{", 400),
        ("application/json", " " * 50_001, 413),
        ("application/xml", "a", 415),
    ],
)
def test_it_comes_back_with_errors_too(client: FlaskClient, kind: str, body: str, status: int) -> None:
    response = post(client, "trace=7", body, kind)
    assert (response.status_code, response.headers[NAME]) == (status, "trace=7")


@pytest.mark.parametrize("value", ["a" * 1025, "sentigrade?" + "a" * 1014, "caf\xe9", "a\tb", "a\x7fb", "a\x00b"])
def test_a_value_that_the_header_does_not_take_is_refused_and_not_sent_back(client: FlaskClient, value: str) -> None:
    environ = {"HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES": value}
    response = client.post("/invocations", json={"mytext": "a"}, environ_overrides=environ)
    assert response.status_code == 400
    assert NAME not in response.headers
    assert "1,024" in (response.json or {})["message"]


def test_it_may_hold_options_as_a_query_does(client: FlaskClient) -> None:
    response = post(client, "sentigrade?top_k=2&scores=true&model=sentiment")
    assert response.json is not None
    assert response.headers[NAME] == "sentigrade?top_k=2&scores=true&model=sentiment"
    assert len(response.json["probabilities"]) == len(response.json["scores"]) == 2


def test_a_query_without_options_is_none(client: FlaskClient) -> None:
    assert post(client, "sentigrade?").status_code == 200


@pytest.mark.parametrize(
    ("value", "status", "advice"),
    [
        ("sentigrade?top_k=0", 400, "from 1"),
        ("sentigrade?top_k=1&top_k=2", 400, "each field once"),
        ("sentigrade?model=%ff", 400, "percent-encoded"),
        ("sentigrade?secret=1", 400, "no such option"),
        ("sentigrade?text=secret", 400, "no such option"),
        ("sentigrade?column=text", 400, "no such option"),
        ("sentigrade?model=secret", 404, "no such model"),
        ("sentigrade?thresholds=secret", 400, "an object of labels"),
        ("sentigrade?" + "&".join(f"a{number}=1" for number in range(20)), 400, "percent-encoded"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(client: FlaskClient, value: str, status: int, advice: str) -> None:
    response = post(client, value)
    assert (response.status_code, response.headers[NAME]) == (status, value)
    assert advice in (response.json or {})["message"]
    assert "=secret" not in response.text
