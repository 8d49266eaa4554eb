"""Whether the service is well, and how it is called."""

from sentigrade.web.reference.failures import PROBLEM
from sentigrade.web.reference.operations import JSON, Part, answer, content, operation
from sentigrade.web.reference.schemas import schema_of

HEALTH = "Health"
REFERENCE = "This reference"


def paths() -> dict[str, Part]:
    """Return /health/..., /openapi.json and /docs."""
    well = {"200": answer("It is.", {JSON: content(schema_of("Health"))}), **PROBLEM.failures()}
    document = answer(
        "The document.",
        {JSON: content({"type": "object"})},
        {"ETag": {"description": "Names these contents.", "required": True, "schema": {"type": "string"}}},
    )
    unchanged = answer("It is what `If-None-Match` names.", {})
    page = answer("The page.", {"text/html": content({"type": "string"})})
    return {
        "/health/live": {"get": operation(HEALTH, "live", "Is this process alive?", well)},
        "/health/ready": {
            "get": operation(
                HEALTH,
                "ready",
                "Is every model ready to answer?",
                well,
                description="Ready after every model has answered a text; 503 until then.",
            )
        },
        "/openapi.json": {
            "get": operation(
                REFERENCE,
                "openapi",
                "This document",
                {"200": document, "304": unchanged, **PROBLEM.failures()},
            )
        },
        "/docs": {"get": operation(REFERENCE, "docs", "This document as a page", {"200": page, **PROBLEM.failures()})},
    }
