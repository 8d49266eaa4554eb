"""How requests fail: the answers that operations share, in the shape of each protocol."""

from http import HTTPStatus
from typing import Any

from sentigrade.web.reference.schemas import schema_of

Responses = dict[str, Any]

_REASONS = {
    "400": "The request cannot be read: it is not JSON, not UTF-8 or not HTTP, or it was cut off.",
    "401": "No API key was sent, or one that is not valid here.",
    "404": "There is no such model here, or no such version of it.",
    "406": "No form of answer that is accepted is given here; the Accept header says which ones are.",
    "408": "The body took too long to come.",
    "409": "There is a model of that name already.",
    "413": "The body, or what is to be explained, is larger than the limit.",
    "414": "The request line is longer than 8 KiB; send the text in the body of a POST.",
    "415": "The content type is not one of those that are read here, or the body is compressed.",
    "422": "The request can be read, but asks for something else than what is offered; `pointer` says where.",
    "429": "The caller sends more in a second, or at once, than it may; `Retry-After` says when to try again.",
    "431": "The headers are too many or too long: at most 90, each shorter than 8 KiB.",
    "503": "The service is not ready yet, stops, or has too much to do, or what classifies for it does not answer; "
    "`Retry-After` says when to try again.",
    "507": "There is no room: on the disk for rows, or in memory for a model.",
    "5XX": "The service failed, or took too long, or what classifies for it answered nothing of use (502); its log "
    "names the fault by the request id.",
}
_SAID_AGAIN = {"400": "The request cannot be read, or asks for something else than what is offered."}

# Anything may be cut off, too long or badly timed.
_ALWAYS = ("400", "414", "429", "431", "503", "5XX")
_WITH_BODY = ("408", "413", "415")

REQUEST_ID = {
    "X-Request-ID": {
        "description": "Names the request in the service's log: the caller's own id, if it is well-formed.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
    }
}
RETRY_AFTER = {
    "Retry-After": {
        "description": "How many seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    }
}
_CHALLENGE = {
    "WWW-Authenticate": {
        "description": "How to send a key, and whether the one that was sent is the reason.",
        "required": True,
        "schema": {"type": "string", "pattern": "^Bearer "},
    }
}
_HEADERS = {"401": _CHALLENGE, "429": RETRY_AFTER, "503": RETRY_AFTER}


class Shape:
    """The shape of one protocol's errors; `plain` is one without a 422."""

    def __init__(self, schema: str, media_type: str, examples: dict[str, dict[str, Any]], *, plain: bool) -> None:
        """`examples` are errors by their status."""
        self._schema = schema
        self._media_type = media_type
        self._examples = examples
        self._plain = plain

    def failures(self, *statuses: str, body: bool = False) -> Responses:
        """Return references to the answers with these statuses and with those that any request may meet."""
        every = sorted({*_ALWAYS, *statuses, *(_WITH_BODY if body else ())})
        return {
            status: {"$ref": f"#/components/responses/{self._schema}.{status}"}
            for status in every
            if not (self._plain and status == "422")
        }

    def responses(self) -> Responses:
        """Return what the references point to."""
        return {
            f"{self._schema}.{status}": self._response(status, reason)
            for status, reason in _REASONS.items()
            if not (self._plain and status == "422")
        }

    def _response(self, status: str, reason: str) -> dict[str, Any]:
        if self._plain:
            reason = _SAID_AGAIN.get(status, reason)
        content: dict[str, Any] = {"schema": schema_of(self._schema)}
        if status in self._examples:
            content["example"] = self._examples[status]
        headers = {**REQUEST_ID, **_HEADERS.get(status, {})}
        return {"description": reason, "headers": headers, "content": {self._media_type: content}}


PROBLEM = Shape(
    "Problem",
    "application/problem+json",
    {
        "400": {
            "type": "about:blank",
            "title": HTTPStatus.BAD_REQUEST.phrase,
            "status": 400,
            "code": "malformed",
            "detail": 'The body is not valid JSON in UTF-8; send {"mytext": "..."}.',
        },
        "422": {
            "type": "about:blank",
            "title": HTTPStatus.UNPROCESSABLE_ENTITY.phrase,
            "status": 422,
            "code": "invalid",
            "detail": "Item 1 of the list is a number; every item must be a string.",
            "pointer": "/mytext/1",
        },
    },
    plain=False,
)
OPEN_INFERENCE = Shape(
    "OpenInferenceError",
    "application/json",
    {"400": {"error": "shape must be [2] or [2, 1], since data holds so many texts. (at /inputs/0/shape)"}},
    plain=True,
)
CONTAINER = Shape(
    "ContainerError",
    "application/json",
    {
        "400": {
            "code": 400,
            "type": "invalid",
            "message": "instances is a list of texts, each of them a string. (at /instances)",
        }
    },
    plain=True,
)
