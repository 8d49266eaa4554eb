"""SageMaker's multi-model contract: models that callers load and unload, where the operator lets them."""

from sentigrade.web.reference.failures import CONTAINER
from sentigrade.web.reference.operations import JSON, Part, answer, body, content, operation, path_parameter
from sentigrade.web.reference.sagemaker import invocation
from sentigrade.web.reference.schemas import schema_of
from sentigrade.web.reference.served import Served

TAG = "SageMaker, many models"

_NAME = path_parameter(
    "name",
    "What a loaded model was called when it was loaded.",
    {"type": "string", "minLength": 1, "maxLength": 1024},
)
_TOKEN: Part = {
    "name": "next_page_token",
    "in": "query",
    "required": False,
    "description": "The `nextPageToken` of the page before.",
    "schema": {"type": "string"},
}


def paths(served: Served) -> dict[str, Part]:
    """Return /models and all below it."""
    gone = CONTAINER.failures("404")
    page = answer("A page of models.", {JSON: content(schema_of("ModelPage"))})
    invoke = invocation(
        served,
        "invoke_model",
        CONTAINER.failures("404", "406", "507", body=True),
        parameters=[_NAME],
    )
    return {
        "/models": {
            "get": operation(
                TAG,
                "loaded_models",
                "Which models are loaded",
                {"200": page, **CONTAINER.failures()},
                parameters=[_TOKEN],
            ),
            "post": _load(served),
        },
        "/models/{name}": {
            "get": operation(TAG, "loaded_model", "Is a model loaded?", {"200": _one(), **gone}, parameters=[_NAME]),
            "delete": operation(TAG, "unload_model", "Unload a model", {"200": _one(), **gone}, parameters=[_NAME]),
        },
        "/models/{name}/invoke": {"post": {**invoke, "tags": [TAG]}},
    }


def _load(served: Served) -> Part:
    example = {"model_name": "reviews", "url": f"{served.settings.multi_model.rstrip('/')}/reviews/model"}
    return operation(
        TAG,
        "load_model",
        "Load a model",
        {"200": _one(), **CONTAINER.failures("409", "507", body=True)},
        description=f"From a folder below `{served.settings.multi_model}`.",
        requestBody=body({JSON: content(schema_of("LoadRequest"), reviews=example)}),
    )


def _one() -> Part:
    return answer("The model.", {JSON: content(schema_of("LoadedModel"))})
