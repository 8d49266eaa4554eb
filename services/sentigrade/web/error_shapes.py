"""The shapes of an error: whoever calls by a protocol gets that protocol's own (nginx/errors.conf says the same)."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, NamedTuple

import msgspec
from flask import Response
from msgspec import UNSET, Meta, UnsetType

_JSON = "application/json"

_OPEN_INFERENCE = re.compile(r"/v2(/|$)")
_CONTAINER = re.compile(r"/(ping|invocations|execution-parameters|models)(/|$)")


Status = Annotated[int, Meta(ge=400, le=599, description="That of HTTP.")]


class Problem(msgspec.Struct, kw_only=True, frozen=True):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: Status
    code: Annotated[str, Meta(description="A stable slug, for programs.")]
    detail: Annotated[str, Meta(description="What to do instead, for people.")]
    pointer: (
        Annotated[str, Meta(description="The part of the request that is to blame, as a JSON pointer.")] | UnsetType
    ) = UNSET


class OpenInferenceError(msgspec.Struct, kw_only=True, frozen=True):
    """What went wrong (Open Inference Protocol v2)."""

    error: Annotated[str, Meta(description="What to do instead, in a sentence or two.")]


class ContainerError(msgspec.Struct, kw_only=True, frozen=True):
    """What went wrong, as the containers of SageMaker's model server say it; SageMaker calls it OriginalMessage."""

    code: Status
    type: Annotated[str, Meta(description="A stable slug, for programs.")]
    message: Annotated[str, Meta(description="What to do instead, in a sentence or two.")]


class Failure(NamedTuple):
    """What a request came to grief on: `code` is a slug for programs, `pointer` the JSON pointer to the culprit."""

    status: HTTPStatus
    code: str
    detail: str
    pointer: str | None = None
    headers: Mapping[str, str] = {}


FAULT = Failure(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal",
    "The service failed on this request; its log names the fault by request id.",
)


def error_response(failure: Failure, path: str) -> Response:
    """Return the answer to a failed request, in the shape of the protocol that `path` belongs to."""
    if _OPEN_INFERENCE.match(path):
        return _open_inference_error(failure)
    if _CONTAINER.match(path):
        return _container_error(failure)
    return _problem(failure)


def _problem(failure: Failure) -> Response:
    body = Problem(
        type="about:blank",
        title=failure.status.phrase,
        status=failure.status.value,
        code=failure.code,
        detail=failure.detail,
        pointer=UNSET if failure.pointer is None else failure.pointer,
    )
    return _response(failure, failure.status, body, "application/problem+json")


def _open_inference_error(failure: Failure) -> Response:
    return _response(failure, _plain_status(failure.status), OpenInferenceError(error=_with_place(failure)), _JSON)


def _container_error(failure: Failure) -> Response:
    status = _plain_status(failure.status)
    body = ContainerError(code=status.value, type=failure.code, message=_with_place(failure))
    return _response(failure, status, body, _JSON)


def _plain_status(status: HTTPStatus) -> HTTPStatus:
    """Return the status to use where a protocol knows no 422."""
    return HTTPStatus.BAD_REQUEST if status == HTTPStatus.UNPROCESSABLE_ENTITY else status


def _with_place(failure: Failure) -> str:
    return f"{failure.detail} (at {failure.pointer})" if failure.pointer else failure.detail


def _response(failure: Failure, status: HTTPStatus, body: msgspec.Struct, content_type: str) -> Response:
    return Response(msgspec.json.encode(body), status.value, dict(failure.headers), content_type=content_type)
