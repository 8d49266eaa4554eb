"""Our own door: a text, a list of texts, and the page that says how to call."""

from collections.abc import Mapping
from typing import Any

from sentigrade.web.reference import rows
from sentigrade.web.reference.choosing import options_of_any
from sentigrade.web.reference.failures import PROBLEM
from sentigrade.web.reference.limits import NO_NUL, Schema
from sentigrade.web.reference.operations import JSON, Part, answer, body, content, linked, operation, query_parameter
from sentigrade.web.reference.schemas import schema_of, without_null
from sentigrade.web.reference.served import EXAMPLE, QUESTIONS, Served

TAG = "Texts"

_TEXT = "text/plain"
_LISTS = """A string is answered by one object, a list by `{"answers": [...]}` of the same length and order. With
`Accept: text/plain` the bare labels are the answer."""


def paths(served: Served, schemas: Mapping[str, Schema]) -> dict[str, Part]:
    """Return / and /v1/predict."""
    properties = schemas["PredictRequest"]["properties"]
    names = options_of_any(served.scorers, properties)
    options = [query_parameter(name, without_null(properties[name])) for name in names]
    return {
        "/v1/predict": {"post": _post_anything(served, options), "get": _get(served, options)},
        "/": {"post": _post(served), "get": _page(served)},
    }


def _post(served: Served) -> Part:
    return operation(
        TAG,
        "classify",
        "Classify a text or a list of texts",
        {"200": _either(served), **PROBLEM.failures("404", "422", body=True)},
        description="The same as `POST /v1/predict`, rows included.",
        requestBody=body({JSON: _request()}),
    )


def _post_anything(served: Served, options: list[Part]) -> Part:
    return operation(
        TAG,
        "predict",
        "Classify a text, a list of texts, or rows",
        {"200": _either(served, rows.answers()), **PROBLEM.failures("404", "422", "507", body=True)},
        description=f"{_LISTS}\n\n{rows.DESCRIPTION}",
        parameters=[rows.COLUMN, *map(_of_rows, options)],
        requestBody=body({JSON: _request(), **rows.bodies()}),
    )


def _get(served: Served, options: list[Part]) -> Part:
    return operation(
        TAG,
        "predict_text",
        "Classify one text of the query",
        {"200": linked(_one(served), "model", name="/model"), **PROBLEM.failures("404", "413", "422")},
        description="For short texts: the whole request line is at most 8 KiB. A longer text is sent by `POST`.",
        parameters=[{**query_parameter("text", _query_text(), required=True), "example": EXAMPLE}, *options],
    )


def _page(served: Served) -> Part:
    html = {"text/html": content({"type": "string"})}
    response = answer("The page; with a text, its answer.", {**html, **_one(served)["content"]})
    return operation(
        TAG,
        "page",
        "The page to try a text on",
        {"200": response, **PROBLEM.failures("404", "413", "422")},
        description="With a text in the query it answers as `GET /v1/predict` does, and takes the same options.",
        parameters=[query_parameter("text", _query_text())],
    )


def _query_text() -> Schema:
    return {"description": "The text; `mytext` and `texts` mean the same.", "type": "string", "pattern": NO_NUL}


def _request() -> Part:
    return content(schema_of("PredictRequest"), **QUESTIONS)


def _of_rows(option: Part) -> Part:
    return {**option, "description": f"Rows only. {option['description']}"}


def _one(served: Served) -> Part:
    return answer(
        "The answer.",
        {
            JSON: content(schema_of("Answer"), text=served.answers.get("text")),
            _TEXT: content({"type": "string"}, text=served.label),
        },
    )


def _either(served: Served, others: Mapping[str, Any] | None = None) -> Part:
    schema = {"anyOf": [schema_of("Answer"), schema_of("Answers")]}
    forms = {
        JSON: content(schema, **served.answers),
        _TEXT: content({"type": "string"}, text=served.label),
    }
    return answer("The answer, or the answers.", {**forms, **(others or {})})
