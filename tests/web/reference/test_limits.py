"""What the document allows is accepted, and what it forbids is refused."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from tests.test_answering import NAMES
from tests.web.reference.conftest import LIMITS, MOST_CHARACTERS, Serve
from tests.web.reference.validating import document_of, is_valid

LONGEST = "a" * MOST_CHARACTERS
TEXT = {"mytext": "a"}


@pytest.fixture
def three(serve: Serve, scorer: Scorer, moods: Scorer, mute: Scorer) -> FlaskClient:
    """A service of three models that do not all give the same."""
    return serve([scorer, moods, mute])


def agree(client: FlaskClient, path: str, body: object, *, url: str = "") -> bool:
    """Return whether a body is allowed, having made sure that it is accepted if and only if it is allowed."""
    document = document_of(client)
    schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    allowed = is_valid(document, schema, body)
    reply = client.post(url or path, json=body)
    assert reply.status_code in ((200,) if allowed else (400, 404, 422)), reply.text
    return allowed


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (TEXT, True),
        ({"text": ""}, True),
        ({"texts": [""]}, True),
        ({"mytext": "a", "text": "a"}, False),
        ({}, False),
        ([], False),
        ({"mytext": None}, False),
        ({"mytext": []}, False),
        ({"mytext": ["a", 1]}, False),
        ({"mytext": ["a"] * LIMITS.max_texts}, True),
        ({"mytext": ["a"] * (LIMITS.max_texts + 1)}, False),
        ({"mytext": LONGEST}, True),
        ({"mytext": LONGEST + "a"}, False),
        ({"mytext": [LONGEST + "a"]}, True),
        ({"mytext": "a\0"}, False),
        ({"mytext": ["a\0"]}, True),
        ({"mytext": "a\nb\u2028c"}, True),
        ({**TEXT, "mood": 1}, False),
        ({**TEXT, "scores": True, "explain": True, "sentences": True}, True),
        ({**TEXT, "scores": None}, False),
        ({**TEXT, "scores": 1}, False),
        ({**TEXT, "model": "sentiment"}, True),
        ({**TEXT, "model": None}, True),
        ({**TEXT, "model": "oracle"}, False),
        ({**TEXT, "top_k": 1}, True),
        ({**TEXT, "top_k": 2.0}, True),
        ({**TEXT, "top_k": 2.5}, False),
        ({**TEXT, "top_k": 0}, False),
        ({**TEXT, "top_k": 1000}, True),
        ({**TEXT, "top_k": 1001}, False),
        ({**TEXT, "thresholds": {"Negative": 0.5}}, False),
    ],
)
@pytest.mark.parametrize("path", ["/", "/v1/predict", "/invocations"])
def test_our_own_json(client: FlaskClient, path: str, body: Any, allowed: bool) -> None:  # noqa: ANN401 - JSON
    assert agree(client, path, body) == allowed


@pytest.mark.parametrize(
    ("choice", "allowed"),
    [
        ({"explain": True}, True),
        ({"explain": True, "model": None}, True),
        ({"explain": True, "model": "mute"}, False),
        ({"explain": False, "model": "mute"}, True),
        ({"thresholds": {"Nice": 0.5}}, False),
        ({"thresholds": {"Nice": 0.5}, "model": "sentiment"}, False),
        ({"thresholds": {}}, True),
        ({"thresholds": None}, True),
        ({"thresholds": None, "model": "mute"}, True),
        ({"thresholds": {}, "model": "moods"}, True),
        ({"thresholds": {"Nice": 0.5, "is_weak": 1}, "model": "moods"}, True),
        ({"thresholds": {"Nice": 0.5, "is_nice": 0.5}, "model": "moods"}, False),
        ({"thresholds": {"Nice": 1.5}, "model": "moods"}, False),
        ({"thresholds": {"Cold": 0.5}, "model": "moods"}, False),
        ({"thresholds": dict.fromkeys(NAMES, 0), "model": "moods"}, True),
    ],
)
def test_what_one_model_gives_and_another_does_not(
    three: FlaskClient,
    choice: Any,  # noqa: ANN401 - JSON
    allowed: bool,
) -> None:
    assert agree(three, "/v1/predict", {**TEXT, **choice}) == allowed


@pytest.mark.parametrize(("choice", "allowed"), [({"explain": True}, False), ({"explain": False}, True), ({}, True)])
def test_an_only_model_without_explanations(
    serve: Serve,
    mute: Scorer,
    choice: Any,  # noqa: ANN401 - JSON
    allowed: bool,
) -> None:
    assert agree(serve([mute]), "/v1/predict", {**TEXT, **choice}) == allowed


def test_an_option_that_no_model_takes_is_no_field_of_the_query(serve: Serve, mute: Scorer, moods: Scorer) -> None:
    def options(*scorers: Scorer) -> set[str]:
        operation = document_of(serve(scorers))["paths"]["/v1/predict"]["get"]
        return {parameter["name"] for parameter in operation["parameters"]} - {"text"}

    usual = {"model", "scores", "sentences", "top_k"}
    assert options(mute) == usual
    assert options(mute, moods) == usual | {"explain", "thresholds"}


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ({"instances": ["a", "b\0"]}, True),
        ({"instances": []}, False),
        ({"instances": ["a"] * (LIMITS.max_texts + 1)}, False),
        ({"instances": "a"}, False),
        ({"instances": ["a"], "configuration": {"k": 2}}, True),
        ({"instances": ["a"], "configuration": {"k": 2.0}}, True),
        ({"instances": ["a"], "configuration": {"k": 0}}, False),
        ({"instances": ["a"], "configuration": {"j": 1}}, False),
        ({"instances": ["a"], "mytext": "a"}, False),
    ],
)
def test_blazing_text(client: FlaskClient, body: Any, allowed: bool) -> None:  # noqa: ANN401 - JSON
    assert agree(client, "/invocations", body) == allowed


def tensor(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["a"], **fields}


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ({"inputs": [tensor()]}, True),
        ({"inputs": [tensor(), tensor()]}, False),
        ({"inputs": []}, False),
        ({"inputs": [tensor(shape=[2], data=["a", "b"])]}, True),
        ({"inputs": [tensor(shape=[2, 1], data=[["a"], ["b"]])]}, True),
        ({"inputs": [tensor(shape=[2.0], data=["a", "b"])]}, True),
        ({"inputs": [tensor(shape=[2], data=["a", ["b"]])]}, False),
        ({"inputs": [tensor(shape=[0], data=[])]}, False),
        ({"inputs": [tensor(shape=[1, 1, 1])]}, False),
        ({"inputs": [tensor(data=[LONGEST + "a"])]}, False),
        ({"inputs": [tensor(data=["a\0"])]}, False),
        ({"inputs": [tensor(datatype="FP32")]}, False),
        ({"inputs": [tensor(parameters={"content_type": "str", "mood": 1})]}, True),
        ({"inputs": [tensor(parameters={"content_type": "Base64"})]}, False),
        ({"inputs": [tensor(parameters={"binary_data_size": None})]}, False),
        ({"inputs": [tensor()], "outputs": [{"name": "label"}, {"name": "scores"}]}, True),
        ({"inputs": [tensor()], "outputs": [{"name": "label"}, {"name": "label", "parameters": {}}]}, False),
        ({"inputs": [tensor()], "outputs": [{"name": "mood"}]}, False),
        ({"inputs": [tensor()], "outputs": [], "id": "1", "parameters": {"a": 1}}, True),
        ({"inputs": [tensor()], "id": 1}, False),
    ],
)
def test_tensors(client: FlaskClient, body: Any, allowed: bool) -> None:  # noqa: ANN401 - JSON
    assert agree(client, "/v2/models/{name}/infer", body, url="/v2/models/sentiment/infer") == allowed


def test_limits_are_those_of_the_settings(client: FlaskClient) -> None:
    described = document_of(client)["info"]["description"]
    for limit in (LIMITS.max_texts, LIMITS.max_characters, LIMITS.max_body_bytes, LIMITS.max_rows_bytes):
        assert f"{limit:,}" in described
