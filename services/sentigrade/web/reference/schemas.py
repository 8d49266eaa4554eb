"""The components of the document: the types that decode and encode, as msgspec describes them."""

import inspect

import msgspec
from msgspec import StructMeta

from sentigrade.answer import Answer, Explanation, Sentence
from sentigrade.model_state import ModelDetails, Models, ModelState
from sentigrade.web.error_shapes import ContainerError, OpenInferenceError, Problem
from sentigrade.web.health import Health
from sentigrade.web.reference.limits import Schema, add_limits
from sentigrade.web.reference.served import Served
from sentigrade.web.sagemaker import ExecutionParameters
from sentigrade.wire.blazingtext import BlazingTextRequest, Prediction
from sentigrade.wire.multi_model import LoadedModel, LoadRequest, ModelPage
from sentigrade.wire.native import PredictRequest, RejectedItem
from sentigrade.wire.open_inference.metadata import ModelMetadata, ServerMetadata, TensorMetadata
from sentigrade.wire.open_inference.request import InferenceRequest
from sentigrade.wire.open_inference.response import InferenceResponse

REQUESTS = (PredictRequest, InferenceRequest, BlazingTextRequest, LoadRequest)
ANSWERS = (
    Answer,
    Sentence,
    Explanation,
    RejectedItem,
    Problem,
    OpenInferenceError,
    ContainerError,
    Models,
    ModelState,
    ModelDetails,
    Health,
    InferenceResponse,
    ServerMetadata,
    ModelMetadata,
    TensorMetadata,
    Prediction,
    ExecutionParameters,
    LoadedModel,
    ModelPage,
)


def schema_of(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def components(served: Served) -> dict[str, Schema]:
    """Return the schema of each component, by name."""
    _, schemas = msgspec.json.schema_components(REQUESTS + ANSWERS, ref_template="#/components/schemas/{name}")
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"]).partition("\n\n")[0]
    for type_ in ANSWERS:
        if isinstance(type_, StructMeta) and type_.__struct_config__.omit_defaults:
            _leave_out_nulls(schemas[type_.__name__])
    add_limits(schemas, served)
    return {**schemas, "Answers": _answers(served), "Predictions": _predictions(served)}


def without_null(schema: Schema) -> Schema:
    """Return the schema of a value that is left out where it does not apply, rather than null or a default."""
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    for form in schema.get("anyOf", ()):
        if form != {"type": "null"}:
            kept |= form
    return kept


def _leave_out_nulls(schema: Schema) -> None:
    # What does not apply is absent from an answer: nothing stands for it.
    for name, value in schema["properties"].items():
        schema["properties"][name] = without_null(value)


# msgspec knows no union of two objects that do not name their types.
def _answers(served: Served) -> Schema:
    return {
        "title": "Answers",
        "description": "The answers to a list of texts: as many, in the same order.",
        "type": "object",
        "properties": {"answers": _one_for_each("Answer", served)},
        "required": ["answers"],
    }


def _predictions(served: Served) -> Schema:
    return {
        "title": "Predictions",
        "description": "BlazingText's answers to a list of texts: as many, in the same order.",
        **_one_for_each("Prediction", served),
    }


def _one_for_each(name: str, served: Served) -> Schema:
    items = {"anyOf": [schema_of(name), schema_of("RejectedItem")]}
    return {"type": "array", "items": items, "minItems": 1, "maxItems": served.settings.max_texts}
