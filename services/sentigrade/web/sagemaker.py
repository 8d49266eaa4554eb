"""What SageMaker asks of a container that serves: /ping, /invocations and /execution-parameters."""

from typing import Literal, TypedDict

from flask import Blueprint, Response

from sentigrade.settings import Settings
from sentigrade.web.bodies import current_request
from sentigrade.web.invocations import Invocations
from sentigrade.web.service import Service

_MIB = 1024 * 1024
# SageMaker refuses parameters of which the product is larger.
_MOST_MIB_AT_ONCE = 100


class ExecutionParameters(TypedDict):
    """How batch transform is to call: so many requests at once, of so many MiB."""

    MaxConcurrentTransforms: int
    BatchStrategy: Literal["MULTI_RECORD"]
    MaxPayloadInMB: int


def sagemaker_routes(service: Service, settings: Settings) -> Blueprint:
    """Return /ping, /invocations and /execution-parameters."""
    routes = Blueprint("sagemaker", __name__)
    invocations = Invocations(service, settings)

    @routes.get("/ping")
    def ping() -> Response:
        response = Response(status=200) if service.ready else Response(status=503, headers={"Retry-After": "1"})
        del response.headers["Content-Type"]  # of nothing
        return response

    @routes.get("/execution-parameters")
    def parameters() -> ExecutionParameters:
        return execution_parameters(settings)

    @routes.post("/invocations")
    def invoke() -> Response:
        return invocations.answer(current_request())

    return routes


def execution_parameters(settings: Settings) -> ExecutionParameters:
    """Return what batch transform is to send; rows, for which it is there, have workers of their own."""
    payload = min(max(settings.max_body_bytes // _MIB, 1), _MOST_MIB_AT_ONCE)
    return {
        "MaxConcurrentTransforms": min(settings.row_worker_count, _MOST_MIB_AT_ONCE // payload),
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": payload,
    }
