"""Health and metrics, for the machines that look after this process."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from sentigrade.web.metrics import Metrics
from sentigrade.web.problems import problem
from sentigrade.web.service import Service


def health_routes(service: Service, metrics: Metrics) -> Blueprint:
    """Return /health/live, /health/ready and /metrics."""
    routes = Blueprint("health", __name__)

    @routes.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "live"}

    @routes.get("/health/ready")
    def ready() -> Response | dict[str, str]:
        if service.ready:
            return {"status": "ready"}
        response = problem(
            HTTPStatus.SERVICE_UNAVAILABLE, code="not_ready", detail=f"Not ready: {service.fault}. Try again soon."
        )
        response.headers["Retry-After"] = "1"
        return response

    @routes.get("/metrics")
    def scrape() -> Response:
        content, content_type = metrics.exposition(request.headers.get("Accept", ""))
        return Response(content, content_type=content_type)

    return routes
