"""The parts that operations are put together from."""

from collections.abc import Mapping
from typing import Any

from sentigrade.web.reference.failures import REQUEST_ID

Part = dict[str, Any]

JSON = "application/json"


def operation(tag: str, name: str, summary: str, responses: Mapping[str, Part], **more: Any) -> Part:  # noqa: ANN401 - JSON
    """Return an operation; `name` is what generated clients call it, `more` are OpenAPI's other fields."""
    return {"tags": [tag], "operationId": name, "summary": summary, **more, "responses": dict(responses)}


def body(content: Mapping[str, Part]) -> Part:
    """Return what must be sent; `content` is what it may be, by media type."""
    return {"required": True, "content": dict(content)}


def answer(description: str, content: Mapping[str, Part], headers: Mapping[str, Part] | None = None) -> Part:
    """Return a response; `content` is what may come, by media type."""
    made: Part = {"description": description, "headers": {**REQUEST_ID, **(headers or {})}}
    return {**made, "content": dict(content)} if content else made


def linked(response: Part, name: str, /, **parameters: str) -> Part:
    """Return a response that leads to the operation `name`; of each parameter it says where it stands in the JSON."""
    places = {parameter: f"$response.body#{place}" for parameter, place in parameters.items()}
    return {**response, "links": {name: {"operationId": name, "parameters": places}}}


def content(schema: Part, **examples: Any) -> Part:  # noqa: ANN401 - JSON
    """Return what a media type holds, with examples by name; those that are None are left out."""
    given = {name: {"value": value} for name, value in examples.items() if value is not None}
    return {"schema": schema, "examples": given} if given else {"schema": schema}


def path_parameter(name: str, description: str, schema: Part) -> Part:
    """Return a part of the path."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def query_parameter(name: str, schema: Part, *, required: bool = False) -> Part:
    """Return a field of the query; the schema's description is its own."""
    own = {key: value for key, value in schema.items() if key != "description"}
    made: Part = {"name": name, "in": "query", "required": required, "description": schema.get("description", "")}
    if own.get("type") == "object":
        # Nothing: without an example, who tries it out would send names that the page has made up.
        return {**made, "content": {JSON: {"schema": own, "example": None}}}
    return {**made, "schema": own}
