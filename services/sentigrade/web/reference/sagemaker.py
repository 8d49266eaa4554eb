"""SageMaker's contract with a container that serves."""

from sentigrade.web.custom_attributes import HEADER
from sentigrade.web.reference.failures import CONTAINER, RETRY_AFTER
from sentigrade.web.reference.limits import text_schema
from sentigrade.web.reference.operations import JSON, Part, answer, body, content, operation
from sentigrade.web.reference.schemas import schema_of
from sentigrade.web.reference.served import EXAMPLE, EXAMPLES, QUESTIONS, Served
from sentigrade.wire.rows.formats import ROW_TYPES, Format

TAG = "SageMaker"

_DESCRIPTION = """JSON is a request to BlazingText, or the one of `POST /v1/predict`; plain text is one text. Lines of
JSON, as batch transform sends them, are answered line by line; a CSV holds a text in each record, and has no header
unless its content type says `header=present`. The answer comes in the form of the request, or in another one that
`Accept` names."""

_ATTRIBUTES = """Comes back with the answer. A value that begins with `sentigrade?` holds options, as a query:
`sentigrade?scores=true&top_k=2`; `column` is one of them for rows."""
_ATTRIBUTE_SCHEMA: Part = {"type": "string", "pattern": "^[ -~]{0,1024}$"}

_LINES = "".join(f'{{"source": "{text}"}}\n' for text in EXAMPLES)
_RECORDS = "".join(f'"{text}"\n' for text in EXAMPLES)
_BYTES = {"type": "string", "format": "binary"}


def paths(served: Served) -> dict[str, Part]:
    """Return /ping, /invocations and /execution-parameters."""
    parameters = answer("The parameters.", {JSON: content(schema_of("ExecutionParameters"))})
    return {
        "/ping": {"get": _ping()},
        "/invocations": {"post": invocation(served, "invocations", CONTAINER.failures("404", "406", "507", body=True))},
        "/execution-parameters": {
            "get": operation(
                TAG,
                "execution_parameters",
                "How batch transform is to call",
                {"200": parameters, **CONTAINER.failures()},
            )
        },
    }


def invocation(served: Served, name: str, failures: dict[str, Part], **more: list[Part]) -> Part:
    """Return the operation that classifies; `more` are parameters of its path."""
    attributes = {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": _ATTRIBUTES,
        "schema": _ATTRIBUTE_SCHEMA,
    }
    returned = {HEADER: {"description": "As it came.", "schema": _ATTRIBUTE_SCHEMA}}
    return operation(
        TAG,
        name,
        "Classify texts in whatever form they come",
        {"200": answer("The answers.", _answers(served), returned), **failures},
        description=_DESCRIPTION,
        parameters=[*more.get("parameters", ()), attributes],
        requestBody=body(_bodies(served)),
    )


def _ping() -> Part:
    # SageMaker asks for no more than a status; only the web server before the app says more.
    unwell = answer("Not ready.", {JSON: content(schema_of("ContainerError"))}, RETRY_AFTER)
    responses = {"200": answer("Ready to answer.", {}), **CONTAINER.failures(), "503": unwell}
    return operation(TAG, "ping", "Is every model ready to answer?", responses)


def _bodies(served: Served) -> dict[str, Part]:
    request = {"anyOf": [schema_of("BlazingTextRequest"), schema_of("PredictRequest")]}
    blazing_text = {"instances": EXAMPLES, "configuration": {"k": 2}}
    forms = {JSON: content(request, blazing_text=blazing_text, text=QUESTIONS["text"])}
    for name, format_ in ROW_TYPES.items():
        if format_ is Format.TEXT:
            forms[name] = content(text_schema(served), text=EXAMPLE)
        else:
            forms[name] = content(_BYTES, rows=_RECORDS if format_ is Format.CSV else _LINES)
    return forms


def _answers(served: Served) -> dict[str, Part]:
    schema = {"anyOf": [schema_of("Predictions"), schema_of("Answer"), schema_of("Answers")]}
    forms = {name: content({"type": "string"}) for name in ROW_TYPES}
    return {JSON: content(schema, text=served.answers.get("text")), **forms}
