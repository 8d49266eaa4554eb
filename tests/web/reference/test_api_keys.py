"""Where keys are asked for, the document says where and how; elsewhere it says nothing of them."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from openapi_spec_validator import validate

from sentigrade.api_keys import add_key
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from tests.web.reference.conftest import LIMITS, Serve
from tests.web.reference.test_document import operations
from tests.web.reference.validating import Part, document_of, is_valid, resolved

EITHER: list[Part] = [{"bearer": []}, {"header": []}]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    add_key(tmp_path / "keys", "alice")
    return replace(LIMITS, api_keys=str(tmp_path / "keys"), multi_model=str(tmp_path))


@pytest.fixture
def guarded(serve: Serve, scorer: Scorer, settings: Settings) -> Part:
    return document_of(serve([scorer], settings))


def test_the_document_is_valid_and_names_both_ways_to_send_a_key(guarded: Part) -> None:
    validate(guarded)
    schemes = guarded["components"]["securitySchemes"]
    assert schemes["bearer"] | {"type": "http", "scheme": "bearer"} == schemes["bearer"]
    assert schemes["header"] | {"type": "apiKey", "in": "header", "name": "X-API-Key"} == schemes["header"]


def test_an_operation_needs_a_key_if_it_is_refused_without_one(
    serve: Serve, scorer: Scorer, settings: Settings, guarded: Part
) -> None:
    client = serve([scorer], settings)
    for path, method, operation in operations(guarded):
        refused = client.open(path.replace("{name}", "sentiment"), method=method).status_code == 401
        if (path, method) == ("/", "GET"):
            assert operation["security"] == [{}, *EITHER]
            assert not refused
        else:
            assert operation.get("security", []) == (EITHER if refused else []), (path, method)
            assert ("401" in operation["responses"]) == refused, (path, method)


def test_a_refusal_has_the_shape_and_the_headers_that_are_described(
    serve: Serve, scorer: Scorer, settings: Settings, guarded: Part
) -> None:
    client = serve([scorer], settings)
    shapes = set()
    for path, method, operation in operations(guarded):
        if operation.get("security") == EITHER:
            response = resolved(guarded, operation["responses"]["401"])
            reply = client.open(path, method=method)
            ((media_type, form),) = response["content"].items()
            assert reply.content_type == media_type
            assert is_valid(guarded, form["schema"], reply.json), (path, method)
            assert all(name in reply.headers for name in response["headers"])
            shapes.add(form["schema"]["$ref"].rpartition("/")[2])
    assert shapes == {"Problem", "OpenInferenceError", "ContainerError"}


def test_without_keys_nothing_is_said_of_them(document: Part) -> None:
    said = json.dumps(document)
    assert not any(word in said for word in ("security", '"401"', "API key", "X-API-Key"))
