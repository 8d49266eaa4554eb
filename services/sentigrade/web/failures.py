"""From exceptions to failures: the right status and a sentence, never a stack trace or the caller's text."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from sentigrade import errors
from sentigrade.web.error_shapes import FAULT, Failure, error_response
from sentigrade.web.observing import NOTE

_log = logging.getLogger(__name__)

STATUS: dict[type[errors.RequestError], HTTPStatus] = {
    errors.MalformedRequest: HTTPStatus.BAD_REQUEST,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    errors.RequestTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownModel: HTTPStatus.NOT_FOUND,
    errors.ModelLoadedAlready: HTTPStatus.CONFLICT,
    errors.NoMemory: HTTPStatus.INSUFFICIENT_STORAGE,
}

_ADVICE = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path; /openapi.json lists what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path does not take this method; the Allow header lists those it takes.",
    FAULT.status: FAULT.detail,
}

_Error = TypeVar("_Error", bound=Exception)


def register_failures(app: Flask) -> None:
    """Answer every error of `app` in the shape of its path."""
    _register(app, errors.RequestError, _refused)
    _register(app, errors.NotReady, _not_ready)
    _register(app, errors.SpoolError, _no_room)
    _register(app, errors.ModelFolderError, _model_gone)
    _register(app, errors.EndpointError, _endpoint_failed)
    _register(app, RequestEntityTooLarge, _too_large)
    _register(app, HTTPException, _http_failure)
    _register(app, Exception, _fault)


def _register(app: Flask, kind: type[_Error], failure_of: Callable[[_Error], Failure]) -> None:
    def handle(error: _Error) -> Response:
        return error_response(failure_of(error), request.path)

    app.register_error_handler(kind, handle)


def _refused(error: errors.RequestError) -> Failure:
    return Failure(STATUS[type(error)], error.code, error.detail, error.pointer)


def _not_ready(error: errors.NotReady) -> Failure:
    detail = f"Not ready: {error}. Try again soon."
    return Failure(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", detail, headers={"Retry-After": "1"})


def _no_room(error: errors.SpoolError) -> Failure:
    return Failure(HTTPStatus.INSUFFICIENT_STORAGE, "insufficient_storage", str(error))


def _model_gone(error: errors.ModelFolderError) -> Failure:
    """In multi-model mode a worker opens a model when it is first asked for it."""
    _log.error("not loaded", extra={"fields": {"reason": str(error)}})
    detail = "The files of this model are no longer those that were loaded; unload it and load it again."
    return Failure(HTTPStatus.INTERNAL_SERVER_ERROR, "model_gone", detail)


def _endpoint_failed(error: errors.EndpointError) -> Failure:
    request_id = request.environ[NOTE].request_id
    _log.error("endpoint failed", extra={"fields": {"request_id": request_id, "reason": str(error)}})
    if isinstance(error, errors.EndpointUnreachable):
        return Failure(HTTPStatus.SERVICE_UNAVAILABLE, error.code, error.told, headers={"Retry-After": "2"})
    return Failure(HTTPStatus.BAD_GATEWAY, error.code, error.told)


def _too_large(_error: RequestEntityTooLarge) -> Failure:
    detail = "The body is larger than this service takes; send fewer texts at a time."
    return _refused(errors.RequestTooLarge(detail))


def _http_failure(error: HTTPException) -> Failure:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    # Such as Allow of a 405.
    headers = {name: value for name, value in error.get_headers() if not name.lower().startswith("content-")}
    return Failure(status, code, _ADVICE.get(status, status.description or status.phrase), headers=headers)


def _fault(error: Exception) -> Failure:
    request_id = request.environ[NOTE].request_id
    _log.error("request failed", exc_info=error, extra={"fields": {"request_id": request_id}})
    return FAULT
