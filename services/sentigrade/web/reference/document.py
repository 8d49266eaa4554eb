"""/openapi.json: what this running service takes and answers (OpenAPI 3.1)."""

import re
from importlib.metadata import version
from typing import Any

import msgspec

from sentigrade.web.reference import api_keys, models, multi_model, native, open_inference, sagemaker, upkeep
from sentigrade.web.reference.failures import CONTAINER, OPEN_INFERENCE, PROBLEM
from sentigrade.web.reference.limits import Schema
from sentigrade.web.reference.operations import Part
from sentigrade.web.reference.schemas import components
from sentigrade.web.reference.served import Served

_DESCRIPTION = """Text in, a graded label out. Send `{{"mytext": "..."}}`, and add what else you want to know.

A list holds up to {limits.max_texts:,} texts of {limits.max_characters:,} characters each; JSON is at most
{limits.max_body_bytes:,} bytes long, a body of rows {limits.max_rows_bytes:,}. Text is UTF-8. Every answer carries
`X-Request-ID`. No text that you send is in an error or in a log."""

_TAGS = {
    native.TAG: "Texts are classified: one, a list of them, or many rows.",
    models.TAG: "What is served, and how good it is.",
    open_inference.TAG: "Version 2: the clients of MLServer, KServe and Triton work unchanged.",
    sagemaker.TAG: "What SageMaker asks of a container, in the shapes of its BlazingText.",
    multi_model.TAG: "Models that callers load and unload, as SageMaker's multi-model endpoints do.",
    upkeep.HEALTH: "For whoever looks after the service.",
    upkeep.REFERENCE: "How to call it, for programs and for people.",
}
_REFERENCE = re.compile(r'"#/components/(schemas|responses)/([^"]+)"')


def describe(served: Served) -> dict[str, Any]:
    """Return the document of a service."""
    schemas = components(served)
    paths = _paths(served, schemas)
    shapes = (PROBLEM, OPEN_INFERENCE, CONTAINER)
    responses = {name: response for shape in shapes for name, response in shape.responses().items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sentigrade",
            "version": version("sentigrade"),
            "description": _DESCRIPTION.format(limits=served.settings),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": _tags(paths),
        "paths": paths,
        "components": {**_used(paths, {"schemas": schemas, "responses": responses}), **api_keys.components(served)},
    }


def _paths(served: Served, schemas: dict[str, Schema]) -> dict[str, Part]:
    paths = {
        **native.paths(served, schemas),
        **models.paths(served),
        **open_inference.paths(served),
        **sagemaker.paths(served),
        **(multi_model.paths(served) if served.settings.multi_model else {}),
        **upkeep.paths(),
    }
    return api_keys.with_keys(paths) if served.settings.api_keys else paths


def _tags(paths: dict[str, Part]) -> list[Part]:
    used = {tag for path in paths.values() for operation in path.values() for tag in operation["tags"]}
    return [{"name": name, "description": description} for name, description in _TAGS.items() if name in used]


def _used(paths: dict[str, Part], all_components: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the components that the paths refer to, and those that these refer to."""
    used: dict[str, dict[str, Any]] = {kind: {} for kind in all_components}
    pending: list[Any] = [paths]
    while pending:
        for kind, name in _REFERENCE.findall(msgspec.json.encode(pending.pop()).decode()):
            if name not in used[kind]:
                used[kind][name] = all_components[kind][name]
                pending.append(used[kind][name])
    return {kind: dict(sorted(parts.items())) for kind, parts in used.items()}
