"""Open Inference Protocol v2."""

from typing import Any

from sentigrade.web.reference.failures import OPEN_INFERENCE, RETRY_AFTER
from sentigrade.web.reference.operations import JSON, Part, answer, body, content, linked, operation, path_parameter
from sentigrade.web.reference.schemas import schema_of
from sentigrade.web.reference.served import EXAMPLES, Served

TAG = "Open Inference Protocol"

_REQUEST = {"inputs": [{"name": "text", "shape": [len(EXAMPLES)], "datatype": "BYTES", "data": EXAMPLES}]}
_INFERENCE = """`shape` is `[n]` or `[n, 1]` for n texts. A model's metadata say which `outputs` it has; all of them but
the `scores` are given if none are named. A text that cannot be classified fails the request: tensors hold no errors."""


def paths(served: Served) -> dict[str, Part]:
    """Return /v2 and all below it."""
    name = path_parameter("name", "Name of a served model.", served.name_schema)
    version = path_parameter("version", "The version that is served.", served.version_schema)
    by_name = _model_paths("/v2/models/{name}", "", [name])
    answered = by_name["/v2/models/{name}"]["get"]["responses"]
    answered["200"] = linked(answered["200"], "v2_model_version", name="/name", version="/versions/0")
    return {
        "/v2": {"get": _get("v2_server", "What this server is", schema_of("ServerMetadata"))},
        "/v2/health/live": {"get": _get("v2_live", "Is this process alive?", _state("live"))},
        "/v2/health/ready": {"get": _readiness("v2_ready", "Is every model ready to answer?", [])},
        **by_name,
        **_model_paths("/v2/models/{name}/versions/{version}", "_version", [name, version]),
    }


def _model_paths(path: str, suffix: str, parameters: list[Part]) -> dict[str, Part]:
    """Return the paths of a model: below its name, and once more below its version."""
    metadata = _get(f"v2_model{suffix}", "What a model takes and gives", schema_of("ModelMetadata"), parameters)
    return {
        path: {"get": metadata},
        f"{path}/ready": {"get": _readiness(f"v2_model_ready{suffix}", "Is a model ready to answer?", parameters)},
        f"{path}/infer": {"post": _infer(f"v2_infer{suffix}", parameters)},
    }


def _get(name: str, summary: str, schema: Part, parameters: list[Part] | None = None) -> Part:
    failures = OPEN_INFERENCE.failures("404") if parameters else OPEN_INFERENCE.failures()
    responses = {"200": answer("The answer.", {JSON: content(schema)}), **failures}
    return operation(TAG, name, summary, responses, **_having(parameters))


def _readiness(name: str, summary: str, parameters: list[Part]) -> Part:
    made = _get(name, summary, _state("ready"), parameters)
    # What is not ready says so in the words of the protocol; the web server before it answers by an error.
    either = {"anyOf": [_state("ready"), schema_of("OpenInferenceError")]}
    made["responses"]["503"] = answer("It is not, or not yet.", {JSON: content(either)}, RETRY_AFTER)
    return made


def _infer(name: str, parameters: list[Part]) -> Part:
    return operation(
        TAG,
        name,
        "Classify texts",
        {
            "200": answer("The outputs.", {JSON: content(schema_of("InferenceResponse"))}),
            **OPEN_INFERENCE.failures("404", body=True),
        },
        description=_INFERENCE,
        requestBody=body({JSON: content(schema_of("InferenceRequest"), texts=_REQUEST)}),
        **_having(parameters),
    )


def _having(parameters: list[Part] | None) -> dict[str, Any]:
    return {"parameters": parameters} if parameters else {}


def _state(name: str) -> Part:
    return {"type": "object", "properties": {name: {"type": "boolean"}}, "required": [name]}
