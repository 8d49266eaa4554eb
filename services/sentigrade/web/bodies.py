"""The request at hand, what its body is said to be, and JSON for the body of an answer; for every door."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from flask import Request, Response, request

from sentigrade.errors import UnsupportedMediaType

JSON = "application/json"
_AS_IT_IS = "identity"


def current_request() -> Request:
    """Return the request itself: each look through Flask's proxy takes about a microsecond."""
    current: Request = request._get_current_object()  # type: ignore[attr-defined]  # typed as what it stands for
    return current


def require_uncompressed(call: Request) -> None:
    """Raise UnsupportedMediaType for a compressed body."""
    if call.environ.get("HTTP_CONTENT_ENCODING", _AS_IT_IS).lower() != _AS_IT_IS:
        raise UnsupportedMediaType("The body is compressed; send it as it is, without Content-Encoding.")


def is_json(call: Request) -> bool:
    """Whether the content type is JSON, compared as it is written by nearly everyone before it is parsed."""
    return call.content_type == JSON or call.is_json


def require_utf8(call: Request) -> None:
    """Raise UnsupportedMediaType for text that says it is in another encoding than UTF-8."""
    charset = call.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType("Text is read as UTF-8; save it as UTF-8 and say charset=utf-8, or nothing.")


def json_response(
    value: object, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a value as JSON."""
    return Response(msgspec.json.encode(value), status.value, headers, content_type=JSON)
