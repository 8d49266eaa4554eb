"""Which operations need an API key, where the service asks for keys."""

from collections.abc import Mapping

from sentigrade.web.api_keys import HEADER, is_open
from sentigrade.web.reference.operations import Part
from sentigrade.web.reference.served import Served

_SCHEMES: dict[str, Part] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key of this service."},
    "header": {"type": "apiKey", "in": "header", "name": HEADER, "description": "The same key."},
}
# One of the two headers will do.
_EITHER: list[Part] = [{name: []} for name in _SCHEMES]
# The page is there for everyone; a text in its query is answered with a key alone.
_PAGE = ("/", "get")


def components(served: Served) -> dict[str, Part]:
    """Return the ways to send a key, if one is needed."""
    return {"securitySchemes": _SCHEMES} if served.settings.api_keys else {}


def with_keys(paths: Mapping[str, Part]) -> dict[str, Part]:
    """Return the paths, with what needs a key saying so."""
    return {
        path: operations
        if is_open(path)
        else {method: _guarded(operation, (path, method)) for method, operation in operations.items()}
        for path, operations in paths.items()
    }


def _guarded(operation: Part, place: tuple[str, str]) -> Part:
    responses = operation["responses"]
    # Every operation may fail with 400, in the shape of its protocol.
    refused = {"$ref": responses["400"]["$ref"].removesuffix("400") + "401"}
    security = [{}, *_EITHER] if place == _PAGE else _EITHER
    return {**operation, "security": security, "responses": dict(sorted({**responses, "401": refused}.items()))}
