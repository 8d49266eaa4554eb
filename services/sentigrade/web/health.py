"""Health and metrics, for the machines that look after this process."""

import socket
from typing import Literal, TypedDict

from flask import Blueprint, Response, request

from sentigrade.errors import NotReady
from sentigrade.web.metrics import Metrics
from sentigrade.web.models import model_states
from sentigrade.web.service import Service


class Health(TypedDict):
    """How this process does."""

    status: Literal["live", "ready"]


def health_routes(service: Service, metrics: Metrics) -> Blueprint:
    """Return /health/live, /health/ready and /metrics.

    While one container replaces another, both are asked at the same address: who names a host in `X-Instance` hears of
    that one alone whether it is ready.
    """
    routes = Blueprint("health", __name__)
    instance = socket.gethostname()

    @routes.get("/health/live")
    def live() -> Health:
        return {"status": "live"}

    @routes.get("/health/ready")
    def ready() -> Health:
        if service.fault is not None:
            raise NotReady(service.fault)
        if request.headers.get("X-Instance", instance) != instance:
            raise NotReady("another instance answers at this address")
        return {"status": "ready"}

    @routes.get("/metrics")
    def scrape() -> Response:
        content, content_type = metrics.exposition(request.headers.get("Accept", ""), model_states(service))
        return Response(content, content_type=content_type)

    return routes
