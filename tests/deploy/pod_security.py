"""The restricted standard of pod security, as Kubernetes publishes it: what a namespace that enforces it refuses."""

from collections.abc import Iterator

from tests.deploy.test_templates import Document

_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir"),
    *("ephemeral", "persistentVolumeClaim", "projected", "secret"),
}
_SECCOMP = {"RuntimeDefault", "Localhost"}
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_ACTIONS = ("httpGet", "tcpSocket")


def violations(spec: Document) -> list[str]:
    """Return what is wrong with a pod, in the standard's own words; nothing for one that is let in."""
    containers = [*spec.get("initContainers", []), *spec["containers"], *spec.get("ephemeralContainers", [])]
    of_pod = spec.get("securityContext", {})
    found = [*_of_pod(spec, of_pod)]
    for container in containers:
        own = container.get("securityContext", {})
        found += [f"{container['name']}: {what}" for what in (*_of_container(own, of_pod), *_of_ports(container))]
    return found


def _of_pod(spec: Document, context: Document) -> Iterator[str]:
    yield from (name for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name))
    if context.get("sysctls"):
        yield "sysctls"
    for volume in spec.get("volumes", []):
        yield from (f"volume of type {kind}" for kind in volume.keys() - {"name"} - _VOLUMES)


def _of_container(own: Document, of_pod: Document) -> Iterator[str]:
    both = of_pod | own
    capabilities = own.get("capabilities", {})
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation != false"
    if "ALL" not in capabilities.get("drop", []) or set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "unrestricted capabilities"
    if both.get("runAsNonRoot") is not True:
        yield "runAsNonRoot != true"
    if both.get("runAsUser") == 0:
        yield "runAsUser=0"
    if both.get("seccompProfile", {}).get("type") not in _SECCOMP:
        yield "seccompProfile"
    if own.get("procMount", "Default") != "Default":
        yield "procMount"


def _of_ports(container: Document) -> Iterator[str]:
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield "hostPort"
    hooks = [container[name] for name in _PROBES if name in container] + [*container.get("lifecycle", {}).values()]
    if any(hook.get(action, {}).get("host") for hook in hooks for action in _ACTIONS):
        yield "probe or lifecycle host"
