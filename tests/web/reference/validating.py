"""What a document allows, told by a validator that others wrote."""

import json
from typing import Any

from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator

Part = dict[str, Any]


def document_of(client: FlaskClient) -> Part:
    """Return what a service says of itself."""
    document: Part = json.loads(client.get("/openapi.json").data)
    return document


def is_valid(document: Part, schema: Part, value: object) -> bool:
    """Whether a schema of the document allows a value."""
    return bool(OAS31Validator({**schema, "components": document["components"]}).is_valid(value))


def resolved(document: Part, response: Part) -> Part:
    """Return a response, looked up where it is a reference."""
    name = response.get("$ref", "").removeprefix("#/components/responses/")
    found: Part = document["components"]["responses"][name] if name else response
    return found
