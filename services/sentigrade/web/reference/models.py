"""What is served."""

from sentigrade.web.reference.failures import PROBLEM
from sentigrade.web.reference.operations import JSON, Part, answer, content, linked, operation, path_parameter
from sentigrade.web.reference.schemas import schema_of
from sentigrade.web.reference.served import Served

TAG = "Models"


def paths(served: Served) -> dict[str, Part]:
    """Return /v1/models and /v1/models/{name}."""
    models = answer("The models, the default one first.", {JSON: content(schema_of("Models"))})
    details = answer("The model.", {JSON: content(schema_of("ModelDetails"))})
    name = path_parameter("name", "Name of a served model.", served.name_schema)
    return {
        "/v1/models": {
            "get": operation(
                TAG,
                "models",
                "Which models are served",
                {"200": linked(models, "model", name="/models/0/model"), **PROBLEM.failures()},
            )
        },
        "/v1/models/{name}": {
            "get": operation(
                TAG,
                "model",
                "What a model says of itself",
                {"200": details, **PROBLEM.failures("404")},
                description="Its versions, its labels, what it was measured to do, and its model card.",
                parameters=[name],
            )
        },
    }
