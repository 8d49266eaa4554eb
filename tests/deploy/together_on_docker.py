"""Containers on a Docker engine that share a network, as those of a pod of Kubernetes or of a task of ECS do."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from tests.live import free_port


def docker(*arguments: str, check: bool = True) -> str:
    """Run `docker` and return what it says; AssertionError with its output when it fails."""
    result = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0 or not check, result.stdout + result.stderr
    return (result.stdout + result.stderr).strip()


class TogetherOnDocker(ABC):
    """They run inside the block. What they listen on is published on this host's loopback: see `ports`."""

    def __init__(
        self,
        name: str,
        images: Mapping[str, str],  # by the names of the containers
        *,
        volumes: Iterable[str],
        listened: Iterable[int],
    ) -> None:
        self._name = name
        self._images = images
        self._volumes = list(volumes)
        self.ports = {port: free_port() for port in listened}

    def __enter__(self) -> Self:
        try:
            self._hold_network()
            self._start_all()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    @abstractmethod
    def _start_all(self) -> None:
        """Start the containers in their order, each when those that it needs are there."""

    def container(self, name: str) -> str:
        """Return what Docker calls a container."""
        return f"{self._name}-{name}"

    def inside(self, name: str, *command: str) -> str:
        """Run a command in a container and return all that it says."""
        return docker("exec", self.container(name), *command, check=False)

    def succeeds(self, name: str, command: Sequence[str]) -> bool:
        """Whether a command in a container ends well."""
        asked = ["docker", "exec", self.container(name), *command]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    def users(self, name: str) -> set[str]:
        """Return who the processes of a container are."""
        return {user for users in self._status(name, "Uid:") for user in users}

    def capabilities(self, name: str) -> set[int]:
        """Return the capabilities that the processes of a container have, or may come to have."""
        return {int(mask, 16) for (mask,) in self._status(name, "CapEff:", "CapPrm:", "CapBnd:")}

    def _status(self, name: str, *fields: str) -> list[list[str]]:
        """Return the values of these fields of all processes."""
        said = self.inside(name, "sh", "-c", "cat /proc/[0-9]*/status").splitlines()
        return [values for field, *values in map(str.split, said) if field in fields]

    def _hold_network(self) -> None:
        """Start what has the network that all others join."""
        published = [option for port, own in self.ports.items() for option in ("--publish", f"127.0.0.1:{own}:{port}")]
        pause = ["--entrypoint", "sleep", self._images["web"], "infinity"]
        docker("run", "--detach", "--init", "--name", self._name, *published, *pause)

    def _run(self, name: str, user: str, options: Sequence[str], arguments: Sequence[str]) -> None:
        """Start a container as this user, who may write to volumes alone."""
        confined = ["--network", f"container:{self._name}", "--user", user, "--read-only", "--cap-drop", "ALL"]
        docker("run", "--detach", "--name", self.container(name), *confined, *options, self._images[name], *arguments)

    def _require_running(self, name: str) -> None:
        assert not self._has_ended(name), docker("logs", self.container(name))

    def _has_ended(self, name: str) -> bool:
        return docker("inspect", "--format", "{{.State.Running}}", self.container(name)) == "false"

    def _stop(self, name: str, seconds: int) -> int:
        """Stop a container, by force after these seconds, and return its status."""
        docker("stop", "--time", str(seconds), self.container(name))
        return int(docker("inspect", "--format", "{{.State.ExitCode}}", self.container(name)))

    def _volume(self, name: str) -> str:
        return f"{self._name}-{name}"

    def _remove(self) -> None:
        containers = [self.container(name) for name in self._images]
        docker("rm", "--force", "--volumes", *containers, self._name, check=False)
        docker("volume", "rm", "--force", *map(self._volume, self._volumes), check=False)
