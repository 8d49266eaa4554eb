"""A task of ECS on a Docker engine: its containers, volumes, health checks and their order, as its definition says."""

import subprocess
from typing import Self

from tests.deploy.pod_on_docker import docker
from tests.deploy.test_templates import Document
from tests.live import free_port, wait_until

# All that is read below, and what Docker does by itself: what a definition says beyond it would not be tried.
_KNOWN = {
    *("Name", "Image", "Command", "Essential", "User", "ReadonlyRootFilesystem", "LinuxParameters", "StopTimeout"),
    *("Memory", "PortMappings", "MountPoints", "Environment", "Secrets", "HealthCheck", "DependsOn"),
    "LogConfiguration",
}


class TaskOnDocker:
    """One that runs inside the block, on a port of this host's loopback."""

    def __init__(self, name: str, definition: Document, images: dict[str, str], secrets: dict[str, str]) -> None:
        """`images` are those to run, by the names of the containers; `secrets` stand behind their ARNs."""
        self._name = name
        self._definition = definition
        self._containers: list[Document] = definition["ContainerDefinitions"]
        self._images = images
        self._secrets = secrets
        self.port = free_port()

    def __enter__(self) -> Self:
        try:
            self._make_room()
            for container in self._containers:
                # Those before it are what it depends on, and these are healthy.
                assert {each["ContainerName"] for each in container.get("DependsOn", [])} <= set(self._started)
                self._start(container)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def container(self, name: str) -> str:
        """Return what Docker calls a container."""
        return f"{self._name}-{name}"

    def inside(self, name: str, *command: str) -> str:
        """Run a command in a container and return all that it says."""
        return docker("exec", self.container(name), *command, check=False)

    def is_healthy(self, container: Document) -> bool:
        how, *command = container["HealthCheck"]["Command"]
        assert how == "CMD"
        asked = ["docker", "exec", self.container(container["Name"]), *command]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    def stop(self) -> dict[str, int]:
        """Stop what depends on others before these, and return with which status each container has ended."""
        statuses = {}
        for container in reversed(self._containers):
            name = self.container(container["Name"])
            docker("stop", "--time", str(container["StopTimeout"]), name)
            statuses[container["Name"]] = int(docker("inspect", "--format", "{{.State.ExitCode}}", name))
        return statuses

    def _make_room(self) -> None:
        """Make what holds the network of the task together. Docker makes volumes when they are mounted."""
        self._started: list[str] = []
        pause = ["--entrypoint", "sleep", self._images["web"], "infinity"]
        docker("run", "--detach", "--init", "--name", self._name, "--publish", f"127.0.0.1:{self.port}:1337", *pause)

    def _start(self, container: Document) -> None:
        unknown = container.keys() - _KNOWN
        assert not unknown, f"not tried here: {unknown}"
        name = container["Name"]
        command = [self._images[name], *container.get("Command", [])]
        docker("run", "--detach", "--name", self.container(name), *self._options(container), *command)
        check = container["HealthCheck"]
        seconds = check["StartPeriod"] + check["Interval"] * check["Retries"]
        wait_until(lambda: self.is_healthy(container) or self._has_ended(name), f"health of {name}", seconds)
        assert not self._has_ended(name), docker("logs", self.container(name))
        self._started.append(name)

    def _options(self, container: Document) -> list[str]:
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"] == {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}}
        options = ["--network", f"container:{self._name}", "--user", container["User"]]
        options += ["--read-only", "--init", "--cap-drop", "ALL"]
        if "Memory" in container:
            options += ["--memory", f"{container['Memory']}m"]
        given = {each["Name"]: each["Value"] for each in container["Environment"]}
        given |= {each["Name"]: self._secrets[each["ValueFrom"]] for each in container.get("Secrets", [])}
        for variable, value in given.items():
            options += ["--env", f"{variable}={value}"]
        for mount in container["MountPoints"]:
            read_only = ",readonly" if mount.get("ReadOnly") else ""
            source = f"source={self._volume(mount['SourceVolume'])},target={mount['ContainerPath']}"
            # A new volume takes owner and files of the image's folder: on Fargate that of its VOLUME.
            options += ["--mount", f"type=volume,{source}{read_only}"]
        return options

    def _has_ended(self, name: str) -> bool:
        return docker("inspect", "--format", "{{.State.Running}}", self.container(name)) == "false"

    def _volume(self, name: str) -> str:
        return f"{self._name}-{name}"

    def _remove(self) -> None:
        containers = [self.container(each["Name"]) for each in self._containers]
        docker("rm", "--force", "--volumes", *containers, self._name, check=False)
        volumes = [self._volume(each["Name"]) for each in self._definition["Volumes"]]
        docker("volume", "rm", "--force", *volumes, check=False)
