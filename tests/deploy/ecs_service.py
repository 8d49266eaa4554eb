"""A service on an ECS of the tests' own, and how it is released."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.exceptions import BotoCoreError

from tests.live import REPOSITORY, free_port, wait_until

RELEASE = REPOSITORY / "deploy" / "ecs" / "release"

REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
OLD, NEW = "0" * 64, "1" * 64
# What a task definition of service.yaml holds beside its images.
DEFINITION: dict[str, Any] = {
    "family": "sentigrade",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "1024",
    "memory": "2048",
    "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "taskRoleArn": "arn:aws:iam::123456789012:role/task",
    "volumes": [{"name": "socket"}, {"name": "spool"}],
}
WEB = {
    "name": "web",
    "command": ["web"],
    "essential": True,
    "user": "10001:10001",
    "environment": [{"name": "SENTIGRADE_MODELS", "value": "sentiment"}],
    "mountPoints": [{"sourceVolume": "socket", "containerPath": "/run/sentigrade"}],
    "secrets": [{"name": "API_KEYS", "valueFrom": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-Ab1"}],
}
NGINX = {
    "name": "nginx",
    "essential": True,
    "dependsOn": [{"containerName": "web", "condition": "HEALTHY"}],
    "portMappings": [{"containerPort": 1337, "protocol": "tcp"}],
}

Definition = dict[str, Any]


def images(digest: str) -> tuple[str, str]:
    return f"{REGISTRY}/sentigrade@sha256:{digest}", f"{REGISTRY}/sentigrade-nginx@sha256:{digest}"


class Ecs:
    """A running ECS, with a cluster and a service of each test's own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._recorded = folder / "asked"
        command = [sys.executable, "-m", "tests.deploy.ecs_server", str(self.port), str(self._recorded)]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=subprocess.STDOUT)
        self._client = partial(boto3.client, "ecs", endpoint_url=f"http://127.0.0.1:{self.port}")
        wait_until(self._is_ready, "readiness of ECS")

    def environ(self) -> dict[str, str]:
        """The variables that lead the AWS command line here."""
        foreign = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MY_SENTIGRADE"))}
        return foreign | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **self._credentials(),
        }

    @property
    def client(self) -> Any:  # noqa: ANN401 - botocore makes its methods as it runs
        keys = self._credentials()
        return self._client(
            region_name=keys["AWS_DEFAULT_REGION"],
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )

    def asked(self) -> list[str]:
        """What the AWS command line has asked so far, as policies name it."""
        return self._recorded.read_text().splitlines() if self._recorded.exists() else []

    def _credentials(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "eu-central-1"}

    def _is_ready(self) -> bool:
        assert self.process.poll() is None
        try:
            self.client.list_clusters()
        except BotoCoreError:
            return False
        return True


class Service:
    """A service on ECS, and how it is released."""

    def __init__(self, ecs: Ecs, digest: str = OLD) -> None:
        self._ecs = ecs
        self.cluster = uuid4().hex
        ecs.client.create_cluster(clusterName=self.cluster)
        self.first = self.register(digest)
        ecs.client.create_service(
            cluster=self.cluster, serviceName="web", taskDefinition=self.first, desiredCount=2, launchType="FARGATE"
        )

    def register(self, digest: str) -> str:
        """Make a task definition with images of this digest, and return its ARN."""
        web, nginx = images(digest)
        return self.register_containers({**WEB, "image": web}, {**NGINX, "image": nginx})

    def register_containers(self, *containers: Definition) -> str:
        made = self._ecs.client.register_task_definition(**DEFINITION, containerDefinitions=list(containers))
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def update(self, definition: str) -> None:
        self._ecs.client.update_service(cluster=self.cluster, service="web", taskDefinition=definition)

    def command(self, digest: str, url: str) -> list[str]:
        return [str(RELEASE), self.cluster, "web", *images(digest), url]

    def release(self, digest: str, url: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = self.command(digest, url)
        environ = self._ecs.environ() | variables
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    @property
    def wanted(self) -> str:
        """The task definition that the service has or is to have."""
        described = self._ecs.client.describe_services(cluster=self.cluster, services=["web"])
        return str(described["services"][0]["taskDefinition"])

    def definition(self) -> Definition:
        """That task definition, without what ECS says of it by itself."""
        described: Definition = self._ecs.client.describe_task_definition(taskDefinition=self.wanted)["taskDefinition"]
        return {name: value for name, value in described.items() if name not in ("taskDefinitionArn", "revision")}
