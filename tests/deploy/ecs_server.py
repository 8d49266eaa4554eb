"""An ECS whose rollouts go on and may fail: python -m tests.deploy.ecs_server PORT FILE.

Moto answers as AWS does, but knows no rollouts; here they are, as ECS describes them. What they come to is said by the
images: tasks of one whose digest is BROKEN do not start, and ECS goes back by itself; those of a STUCK one never become
healthy; nobody may roll out a FORBIDDEN one. Each request of the AWS command line adds its action, as policies name it,
as a line to FILE.
"""

import sys
from pathlib import Path
from typing import Any

from flask import request
from moto.ecs.exceptions import ECSException
from moto.ecs.models import EC2ContainerServiceBackend, Service, ecs_backends
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import run_simple

BROKEN = "b" * 64
STUCK = "c" * 64
FORBIDDEN = "d" * 64


class RollingBackend(EC2ContainerServiceBackend):
    """Moto's ECS with rollouts."""

    # Where moto looks for the paths of the service.
    __module__ = EC2ContainerServiceBackend.__module__

    def create_service(self, *arguments: Any, **options: Any) -> Service:  # noqa: ANN401 - moto's own
        """Create a service that runs already."""
        service = super().create_service(*arguments, **options)
        service.deployments[0]["rolloutState"] = "COMPLETED"
        return service

    def update_service(self, service_properties: dict[str, Any]) -> Service:
        """Begin a rollout, where another task definition is asked for."""
        if FORBIDDEN in self._digests(service_properties["task_definition"]):
            raise ECSException("AccessDeniedException", "User is not authorized to perform: ecs:UpdateService")
        service = super().update_service(service_properties)
        if service.task_definition != service.deployments[0]["taskDefinition"]:
            _begin(service)
        return service

    def describe_services(
        self, cluster_str: str, service_names_or_arns: list[str]
    ) -> tuple[list[Service], list[dict[str, str]]]:
        """Say how services are; whenever somebody looks, their rollouts go on."""
        services, failures = super().describe_services(cluster_str, service_names_or_arns)
        for service in services:
            self._go_on(service)
        return services, failures

    def _go_on(self, service: Service) -> None:
        primary = service.deployments[0]
        digests = self._digests(str(primary["taskDefinition"]))
        if primary["rolloutState"] != "IN_PROGRESS" or STUCK in digests:
            return
        if BROKEN in digests:
            _take_back(service)
        else:
            primary["rolloutState"] = "COMPLETED"
            service.deployments = [primary]

    def _digests(self, task_definition: str) -> set[str]:
        definition = self.describe_task_definition(task_definition)
        return {str(container["image"]).partition("@sha256:")[2] for container in definition.container_definitions}


def _begin(service: Service) -> None:
    latest = service.deployments[0]
    latest["status"] = "ACTIVE"
    number = int(str(latest["id"]).partition("/")[2]) + 1
    now = {"id": f"ecs-svc/{number}", "taskDefinition": service.task_definition}
    service.deployments.insert(0, {**latest, **now, "status": "PRIMARY", "rolloutState": "IN_PROGRESS"})


def _take_back(service: Service) -> None:
    """Do what the circuit breaker does."""
    failed, before = service.deployments[:2]
    failed["rolloutState"] = "FAILED"
    failed["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    service.task_definition = str(before["taskDefinition"])
    _begin(service)


def serve(port: int, recorded: Path) -> None:
    """Answer until the end of the process."""
    ecs_backends.backend = RollingBackend
    app = create_backend_app("ecs")

    def record() -> None:
        if request.user_agent.string.startswith("aws-cli/"):
            operation = request.headers["X-Amz-Target"].rpartition(".")[2]
            with recorded.open("a") as file:
                file.write(f"ecs:{operation}\n")

    app.before_request(record)
    run_simple("127.0.0.1", port, app, threaded=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
