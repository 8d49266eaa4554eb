"""What the service refuses and msgspec's types cannot say: added to their schemas here, and nowhere else."""

from typing import Any

from sentigrade.web.reference.choosing import choices
from sentigrade.web.reference.served import Served
from sentigrade.wire.native import TEXT_FIELDS
from sentigrade.wire.open_inference.response import outputs_of

Schema = dict[str, Any]

# A text that stands alone must not hold it; in a list each text has an answer of its own, so there it may be anything.
NO_NUL = r"^[^\x00]*$"
# What else is not printable is no matter of a pattern that all languages read alike.
_PRINTABLE = r"^[^/\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"


def add_limits(schemas: dict[str, Schema], served: Served) -> None:
    """Narrow the schemas of requests, in place, to what is accepted."""
    _limit_texts(schemas["PredictRequest"], served)
    _limit_choices(schemas["PredictRequest"], served)
    schemas["BlazingTextRequest"]["properties"]["instances"] |= _number_of_texts(served)
    _limit_tensor(schemas["InputTensor"], served)
    _limit_tensor_parameters(schemas["TensorParameters"])
    _limit_outputs(schemas, served)
    schemas["LoadRequest"]["properties"]["model_name"]["pattern"] = _PRINTABLE


def text_schema(served: Served) -> Schema:
    """Return the schema of a text that stands alone."""
    return {"type": "string", "maxLength": served.settings.max_characters, "pattern": NO_NUL}


def _number_of_texts(served: Served) -> Schema:
    return {"minItems": 1, "maxItems": served.settings.max_texts}


def _limit_texts(schema: Schema, served: Served) -> None:
    limits = {"string": text_schema(served), "array": _number_of_texts(served)}
    schema["oneOf"] = [{"required": [name]} for name in TEXT_FIELDS]
    for name in TEXT_FIELDS:
        for form in schema["properties"][name]["anyOf"]:
            form.update(limits[form["type"]])


def _limit_choices(schema: Schema, served: Served) -> None:
    if served.names:
        schema["properties"]["model"]["anyOf"] = [served.name_schema, {"type": "null"}]
    schema |= choices(served.scorers, schema["properties"])


def _limit_tensor(schema: Schema, served: Served) -> None:
    """All texts are strings, or all are lists of one string; that they are as many as `shape` says cannot be said."""
    text = text_schema(served)
    alone: Schema = {"type": "array", "prefixItems": [text], "items": False, "minItems": 1}
    properties = schema["properties"]
    properties["data"] = {
        "description": properties["data"]["description"],
        "anyOf": [{"type": "array", "items": items, **_number_of_texts(served)} for items in (text, alone)],
    }
    properties["shape"] |= {"minItems": 1, "maxItems": 2}


def _limit_tensor_parameters(schema: Schema) -> None:
    properties = schema["properties"]
    properties["binary_data_size"] = {"description": "Binary tensors are not read here.", "not": {}}
    for form in properties["content_type"]["anyOf"]:
        if form["type"] == "string":
            form["not"] = {"pattern": "^[bB][aA][sS][eE]64$"}


def _limit_outputs(schemas: dict[str, Schema], served: Served) -> None:
    """Each output is asked for once at most."""
    names = list({name: None for scorer in served.scorers for name in outputs_of(scorer.model.manifest)})
    schemas["RequestedOutput"]["properties"]["name"] |= {"enum": names} if names else {}
    once = [
        {"contains": {"properties": {"name": {"const": name}}}, "minContains": 0, "maxContains": 1} for name in names
    ]
    for form in schemas["InferenceRequest"]["properties"]["outputs"]["anyOf"]:
        if form["type"] == "array" and once:
            form["allOf"] = once
