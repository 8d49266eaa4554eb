"""A task of ECS on a Docker engine: its containers, volumes, health checks and their order, as its definition says."""

from tests.deploy.test_templates import Document
from tests.deploy.together_on_docker import TogetherOnDocker
from tests.live import wait_until

# All that is read below, and what Docker does by itself: what a definition says beyond it would not be tried.
_KNOWN = {
    *("Name", "Image", "Command", "Essential", "User", "ReadonlyRootFilesystem", "LinuxParameters", "StopTimeout"),
    *("Memory", "PortMappings", "MountPoints", "Environment", "Secrets", "HealthCheck", "DependsOn"),
    "LogConfiguration",
}
_PORT = 1337


class TaskOnDocker(TogetherOnDocker):
    """One that runs inside the block, on a port of this host's loopback."""

    def __init__(self, name: str, definition: Document, images: dict[str, str], secrets: dict[str, str]) -> None:
        """`images` are those to run, by the names of the containers; `secrets` stand behind their ARNs."""
        super().__init__(name, images, volumes=[each["Name"] for each in definition["Volumes"]], listened=[_PORT])
        self._containers: list[Document] = definition["ContainerDefinitions"]
        self._secrets = secrets
        self.port = self.ports[_PORT]

    def is_healthy(self, container: Document) -> bool:
        how, *command = container["HealthCheck"]["Command"]
        assert how == "CMD"
        return self.succeeds(container["Name"], command)

    def stop(self) -> dict[str, int]:
        """Stop what depends on others before these, and return with which status each container has ended."""
        return {each["Name"]: self._stop(each["Name"], each["StopTimeout"]) for each in reversed(self._containers)}

    def _start_all(self) -> None:
        started: set[str] = set()
        for container in self._containers:
            # Those before it are what it depends on, and these are healthy.
            assert {each["ContainerName"] for each in container.get("DependsOn", [])} <= started
            self._start(container)
            started.add(container["Name"])

    def _start(self, container: Document) -> None:
        unknown = container.keys() - _KNOWN
        assert not unknown, f"not tried here: {unknown}"
        name = container["Name"]
        self._run(name, container["User"], self._options(container), container.get("Command", []))
        check = container["HealthCheck"]
        seconds = check["StartPeriod"] + check["Interval"] * check["Retries"]
        wait_until(lambda: self.is_healthy(container) or self._has_ended(name), f"health of {name}", seconds)
        self._require_running(name)

    def _options(self, container: Document) -> list[str]:
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"] == {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}}
        options = ["--init"]
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
