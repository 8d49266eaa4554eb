"""Errors as problem+json (RFC 9457): one shape for every failure, never a stack trace or the caller's text."""

import logging
from http import HTTPStatus

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from sentigrade import errors

_log = logging.getLogger(__name__)

STATUS: dict[type[errors.RequestError], HTTPStatus] = {
    errors.MalformedRequest: HTTPStatus.BAD_REQUEST,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.RequestTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownModel: HTTPStatus.NOT_FOUND,
}

_ADVICE = {
    HTTPStatus.NOT_FOUND: 'There is nothing at this path; POST {"mytext": "..."} to / or /v1/predict.',
    HTTPStatus.METHOD_NOT_ALLOWED: "This path does not take this method; the Allow header lists those it takes.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The service failed on this request; its log names the fault by request id.",
}


def problem(status: HTTPStatus, *, code: str, detail: str, pointer: str | None = None) -> Response:
    """Return a problem+json response; `code` is a slug for programs, `pointer` the JSON pointer to the culprit."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
    }
    if pointer is not None:
        body["pointer"] = pointer
    return Response(msgspec.json.encode(body), status.value, content_type="application/problem+json")


def register_problems(app: Flask) -> None:
    """Answer every error of `app` in the one shape."""
    app.register_error_handler(errors.RequestError, _request_problem)
    app.register_error_handler(errors.NotReady, _not_ready)
    app.register_error_handler(errors.SpoolError, _no_room)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _fault)


def _request_problem(error: errors.RequestError) -> Response:
    return problem(STATUS[type(error)], code=error.code, detail=error.detail, pointer=error.pointer)


def _not_ready(error: errors.NotReady) -> Response:
    detail = f"Not ready: {error}. Try again soon."
    response = problem(HTTPStatus.SERVICE_UNAVAILABLE, code="not_ready", detail=detail)
    response.headers["Retry-After"] = "1"
    return response


def _no_room(error: errors.SpoolError) -> Response:
    return problem(HTTPStatus.INSUFFICIENT_STORAGE, code="insufficient_storage", detail=str(error))


def _too_large(_error: RequestEntityTooLarge) -> Response:
    detail = "The body is larger than this service takes; send fewer texts at a time."
    return _request_problem(errors.RequestTooLarge(detail))


def _http_problem(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    response = problem(status, code=code, detail=_ADVICE.get(status, status.description or status.phrase))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value  # such as Allow of a 405
    return response


def _fault(error: Exception) -> Response:
    _log.error("request failed", exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return problem(status, code="internal", detail=_ADVICE[status])
