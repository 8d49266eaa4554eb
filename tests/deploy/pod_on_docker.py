"""A pod on a Docker engine: its containers, volumes, probes and their order, as a kubelet reads the manifest."""

import socket
import time
from http.client import HTTPException

from tests.deploy.kustomized import Objects, Pod, environment, quantity
from tests.deploy.test_templates import Document
from tests.deploy.together_on_docker import TogetherOnDocker, docker
from tests.live import call, wait_until

# All that is read below: what a manifest says beyond it would not be tried.
_KNOWN = {
    *("name", "image", "args", "env", "envFrom", "securityContext", "resources", "volumeMounts", "restartPolicy"),
    *("ports", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle"),
}
_CONFINED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


class PodOnDocker(TogetherOnDocker):
    """One that runs inside the block."""

    def __init__(self, name: str, pod: Pod, objects: Objects, images: dict[str, str]) -> None:
        """`images` are those to run, by the names of the containers."""
        listened = [port["containerPort"] for each in pod.containers for port in each.get("ports", [])]
        super().__init__(name, images, volumes=[each["name"] for each in pod.spec["volumes"]], listened=listened)
        self._pod = pod
        self._objects = objects

    def answers(self, name: str, probe: Document) -> bool:
        """Whether a probe of a container succeeds now."""
        if "exec" in probe:
            return self.succeeds(name, probe["exec"]["command"])
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
        statuses = {}
        for container in (*self._pod.spec["containers"], *reversed(self._pod.spec["initContainers"])):
            time.sleep(container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0))
            name = container["name"]
            statuses[name] = self._stop(name, max(2, int(end - time.monotonic())))
        return statuses

    def _start_all(self) -> None:
        self._make_room()
        for sidecar in self._pod.spec["initContainers"]:
            self._start(sidecar)
            self._wait_for(sidecar, "startupProbe")
        for container in self._pod.spec["containers"]:
            self._start(container)
        for container in self._pod.spec["containers"]:
            self._wait_for(container, "readinessProbe")

    def _make_room(self) -> None:
        """Make the volumes: as an emptyDir is, everybody's."""
        for volume in self._pod.spec["volumes"]:
            options = f"mode=0777,size={int(quantity(volume['emptyDir']['sizeLimit']))}"
            tmpfs = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", f"o={options}"]
            docker("volume", "create", *tmpfs, self._volume(volume["name"]))

    def _start(self, container: Document) -> None:
        unknown = container.keys() - _KNOWN
        assert not unknown, f"not tried here: {unknown}"
        context = dict(container["securityContext"])
        user = f"{context.pop('runAsUser')}:{context.pop('runAsGroup')}"
        assert context == _CONFINED
        memory = int(quantity(container["resources"]["limits"]["memory"]))
        options = ["--security-opt", "no-new-privileges", "--memory", str(memory)]
        for name, value in environment(container, self._objects).items():
            options += ["--env", f"{name}={value}"]
        for mount in container["volumeMounts"]:
            read_only = ",readonly" if mount.get("readOnly") else ""
            source = f"source={self._volume(mount['name'])},target={mount['mountPath']}"
            options += ["--mount", f"type=volume,{source},volume-nocopy{read_only}"]
        self._run(container["name"], user, options, container.get("args", []))

    def _wait_for(self, container: Document, probe: str) -> None:
        asked = container[probe]
        seconds = asked["periodSeconds"] * asked["failureThreshold"] + 30
        name = container["name"]
        wait_until(lambda: self.answers(name, asked) or self._has_ended(name), f"{probe} of {name}", seconds)
        self._require_running(name)

    def _published(self, name: str, port: int | str) -> int:
        """Return the port on this host of a container's own, which may be given by its name there."""
        named = {each["name"]: each["containerPort"] for each in self._pod.container(name).get("ports", [])}
        return self.ports[port if isinstance(port, int) else named[port]]
