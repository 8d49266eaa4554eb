"""/openapi.json says what the app does: the same paths, the same types, the same limits."""

import re
from collections.abc import Iterator
from http import HTTPStatus

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.error_shapes import Failure, error_response
from sentigrade.web.reference.schemas import ANSWERS, REQUESTS
from tests.web.reference.conftest import LIMITS, Serve
from tests.web.reference.validating import Part, document_of, is_valid, resolved

MULTI_MODEL = Settings(multi_model="/opt/ml/models")
# Metrics are for the inside network; files are part of a page.
UNDESCRIBED = {"health.scrape", "static", "reference.static", "reference.swagger_ui"}


def routes(app: Flask) -> set[tuple[str, str]]:
    """Return the paths and methods that an app serves, but for what Flask adds."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in UNDESCRIBED]
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def operations(document: Part) -> Iterator[tuple[str, str, Part]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


@pytest.mark.parametrize("settings", [LIMITS, MULTI_MODEL], ids=["usual", "multi-model"])
def test_what_is_described_is_what_is_served(serve: Serve, scorer: Scorer, settings: Settings) -> None:
    client = serve([scorer], settings)
    document = document_of(client)
    validate(document)
    assert {(path, method) for path, method, _ in operations(document)} == routes(client.application)


def test_models_that_are_still_missing_leave_a_valid_document(serve: Serve) -> None:
    document = document_of(serve([None]))
    validate(document)
    assert document["paths"]["/v1/models/{name}"]["get"]["parameters"][0]["schema"] == {"type": "string"}


def test_operations_have_names_of_their_own_and_described_tags(document: Part) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    tags = {tag for _, _, operation in operations(document) for tag in operation["tags"]}
    assert tags == {tag["name"] for tag in document["tags"] if tag["description"]}


@pytest.mark.parametrize("type_", REQUESTS + ANSWERS, ids=lambda type_: type_.__name__)
def test_a_field_of_a_type_is_a_property_of_its_schema(
    serve: Serve, scorer: Scorer, moods: Scorer, type_: type
) -> None:
    schema = document_of(serve([scorer, moods], MULTI_MODEL))["components"]["schemas"][type_.__name__]
    fields = getattr(type_, "__struct_encode_fields__", None) or tuple(type_.__annotations__)
    assert set(schema["properties"]) == set(fields)


def test_every_answer_names_its_request(document: Part) -> None:
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            assert resolved(document, response)["headers"]["X-Request-ID"]["required"], (path, status)


@pytest.mark.parametrize("settings", [LIMITS, MULTI_MODEL], ids=["usual", "multi-model"])
def test_an_error_has_the_shape_of_its_path(serve: Serve, scorer: Scorer, settings: Settings) -> None:
    client = serve([scorer], settings)
    document = document_of(client)
    for path, _, operation in operations(document):
        for status in set(operation["responses"]) - {"200", "304", "5XX"}:
            response = error_response(Failure(HTTPStatus(int(status)), "code", "Detail.", "/mytext"), path)
            (form,) = resolved(document, operation["responses"][status])["content"].items()
            assert form[0] == response.content_type, (path, status)
            assert is_valid(document, form[1]["schema"], response.json), (path, status)
            assert response.status_code == int(status), (path, status)


def test_where_a_request_chooses_a_model_the_served_ones_stand(serve: Serve, scorer: Scorer, topics: Scorer) -> None:
    document = document_of(serve([scorer, topics]))
    parameters = [
        parameter
        for _, _, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["name"] in ("name", "model")
    ]
    assert {parameter["in"] for parameter in parameters} == {"path", "query"}
    assert all(parameter["schema"]["enum"] == ["sentiment", "topics"] for parameter in parameters)


def test_what_is_sent_as_an_example_is_answered_as_described(client: FlaskClient, document: Part) -> None:
    sent = 0
    for path, method, operation in operations(document):
        for media_type, form in operation.get("requestBody", {"content": {}})["content"].items():
            for example in form["examples"].values():
                value = example["value"]
                body = value if isinstance(value, str) else msgspec.json.encode(value)
                url = path.replace("{name}", "sentiment").replace("{version}", "1")
                reply = client.open(url, method=method, data=body, content_type=media_type)
                assert reply.status_code == 200, (path, media_type, reply.text)
                schema = operation["responses"]["200"]["content"][reply.mimetype]["schema"]
                assert is_valid(document, schema, reply.json if reply.is_json else reply.text), (path, media_type)
                sent += 1
    assert sent == 20


def test_the_answers_that_are_shown_are_the_service_s(client: FlaskClient, document: Part) -> None:
    post = document["paths"]["/v1/predict"]["post"]
    asked = post["requestBody"]["content"]["application/json"]["examples"]
    shown = post["responses"]["200"]["content"]["application/json"]["examples"]
    assert {name: client.post("/v1/predict", json=example["value"]).json for name, example in asked.items()} == {
        name: example["value"] for name, example in shown.items()
    }
