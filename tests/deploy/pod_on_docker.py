"""A pod on a Docker engine: its containers, volumes, probes and their order, as a kubelet reads the manifest."""

import socket
import subprocess
import time
from collections.abc import Sequence
from http.client import HTTPException
from typing import Self

from tests.deploy.kustomized import Objects, Pod, environment, quantity
from tests.deploy.test_templates import Document
from tests.live import call, free_port, wait_until

# All that is read below: what a manifest says beyond it would not be tried.
_KNOWN = {
    *("name", "image", "args", "env", "envFrom", "securityContext", "resources", "volumeMounts", "restartPolicy"),
    *("ports", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle"),
}
_CONFINED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def docker(*arguments: str, check: bool = True) -> str:
    """Run `docker` and return what it says; AssertionError with its output when it fails."""
    result = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0 or not check, result.stdout + result.stderr
    return (result.stdout + result.stderr).strip()


class PodOnDocker:
    """One that runs inside the block. Ports of its containers are published on this host's loopback: see `ports`."""

    def __init__(self, name: str, pod: Pod, objects: Objects, images: dict[str, str]) -> None:
        """`images` are those to run, by the names of the containers."""
        self._name = name
        self._pod = pod
        self._objects = objects
        self._images = images
        wanted = [port["containerPort"] for each in pod.containers for port in each.get("ports", [])]
        self.ports = {port: free_port() for port in wanted}

    def __enter__(self) -> Self:
        try:
            self._make_room()
            for sidecar in self._pod.spec["initContainers"]:
                self._run(sidecar)
                self._wait_for(sidecar, "startupProbe")
            for container in self._pod.spec["containers"]:
                self._run(container)
            for container in self._pod.spec["containers"]:
                self._wait_for(container, "readinessProbe")
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

    def answers(self, name: str, probe: Document) -> bool:
        """Whether a probe of a container succeeds now."""
        if "exec" in probe:
            command = ["docker", "exec", self.container(name), *probe["exec"]["command"]]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        try:
            if "tcpSocket" in probe:
                port = self._published(name, probe["tcpSocket"]["port"])
                socket.create_connection(("127.0.0.1", port), probe["timeoutSeconds"]).close()
                return True
            port = self._published(name, probe["httpGet"]["port"])
            return 200 <= call(port, "GET", probe["httpGet"]["path"]).status < 400
        except (OSError, HTTPException):
            return False

    def stop(self) -> dict[str, int]:
        """Stop it as Kubernetes does, and return with which status each container has ended.

        First all that are not sidecars, after their hooks; then the sidecars, from the last to the first.
        """
        end = time.monotonic() + self._pod.spec["terminationGracePeriodSeconds"]
        for container in self._pod.spec["containers"]:
            time.sleep(container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0))
            self._stop(container, end)
        for container in reversed(self._pod.spec["initContainers"]):
            self._stop(container, end)
        return {each["name"]: self._status(each["name"]) for each in self._pod.containers}

    def _stop(self, container: Document, end: float) -> None:
        left = max(2, int(end - time.monotonic()))
        docker("stop", "--time", str(left), self.container(container["name"]))

    def _status(self, name: str) -> int:
        return int(docker("inspect", "--format", "{{.State.ExitCode}}", self.container(name)))

    def _make_room(self) -> None:
        """Make the volumes, and what holds the pod's network together."""
        for volume in self._pod.spec["volumes"]:
            # As an emptyDir is: everybody's.
            options = f"mode=0777,size={int(quantity(volume['emptyDir']['sizeLimit']))}"
            tmpfs = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", f"o={options}"]
            docker("volume", "create", *tmpfs, self._volume(volume["name"]))
        published = [option for port, own in self.ports.items() for option in ("--publish", f"127.0.0.1:{own}:{port}")]
        pause = ["--entrypoint", "sleep", self._images["web"], "infinity"]
        docker("run", "--detach", "--init", "--name", self._name, *published, *pause)

    def _run(self, container: Document) -> None:
        unknown = container.keys() - _KNOWN
        assert not unknown, f"not tried here: {unknown}"
        context = dict(container["securityContext"])
        user = f"{context.pop('runAsUser')}:{context.pop('runAsGroup')}"
        assert context == _CONFINED
        options = ["--network", f"container:{self._name}", "--user", user, "--read-only"]
        options += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        options += ["--memory", str(int(quantity(container["resources"]["limits"]["memory"])))]
        for name, value in environment(container, self._objects).items():
            options += ["--env", f"{name}={value}"]
        for mount in container["volumeMounts"]:
            read_only = ",readonly" if mount.get("readOnly") else ""
            source = f"source={self._volume(mount['name'])},target={mount['mountPath']}"
            options += ["--mount", f"type=volume,{source},volume-nocopy{read_only}"]
        name, arguments = container["name"], container.get("args", [])
        docker("run", "--detach", "--name", self.container(name), *options, self._images[name], *arguments)

    def _wait_for(self, container: Document, probe: str) -> None:
        asked = container[probe]
        seconds = asked["periodSeconds"] * asked["failureThreshold"] + 30
        name = container["name"]
        wait_until(lambda: self.answers(name, asked) or self._has_ended(name), f"{probe} of {name}", seconds)
        assert not self._has_ended(name), docker("logs", self.container(name))

    def _has_ended(self, name: str) -> bool:
        return docker("inspect", "--format", "{{.State.Running}}", self.container(name)) == "false"

    def _published(self, name: str, port: int | str) -> int:
        """Return the port on this host of a container's own, which may be given by its name there."""
        named = {each["name"]: each["containerPort"] for each in self._pod.container(name).get("ports", [])}
        return self.ports[port if isinstance(port, int) else named[port]]

    def _volume(self, name: str) -> str:
        return f"{self._name}-{name}"

    def _remove(self) -> None:
        containers: Sequence[str] = [self.container(each["name"]) for each in self._pod.containers]
        docker("rm", "--force", *containers, self._name, check=False)
        volumes = [self._volume(volume["name"]) for volume in self._pod.spec["volumes"]]
        docker("volume", "rm", "--force", *volumes, check=False)
