"""The pods of deploy/eks: what they may do, what they are told, and whether what they are given is enough."""

import copy
import re
from collections.abc import Callable

import pytest

from sentigrade.errors import SettingError
from sentigrade.settings import Settings
from tests.deploy.kustomized import (
    RENDERED,
    SERVICE,
    Pod,
    environment,
    of_kind,
    one,
    pods,
    quantity,
    rendered,
    service_pod,
)
from tests.deploy.pod_security import violations
from tests.deploy.test_templates import Document
from tests.live import REPOSITORY

NGINX = REPOSITORY / "nginx"
OURS = "SENTIGRADE_"
# What no setting of the service says.
OF_NGINX_ALONE = {"SENTIGRADE_NGINX_WORKERS": "2"}
PODS = {f"{name}, {pod.name}": (name, pod) for name in RENDERED for pod in pods(rendered(name))}


def of_image_of_nginx() -> dict[str, str]:
    """Return the settings in the environment of nginx's image."""
    return dict(re.findall(rf"({OURS}\w+)=(\S+)", (NGINX / "Dockerfile").read_text()))


@pytest.fixture(params=SERVICE)
def overlay(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pod(overlay: str) -> Pod:
    return service_pod(rendered(overlay))


@pytest.mark.parametrize(("name", "pod"), PODS.values(), ids=PODS)
def test_a_namespace_that_enforces_the_restricted_standard_lets_the_pod_in(name: str, pod: Pod) -> None:
    labels = one(rendered(name), "Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert violations(pod.spec) == []


def loosened(change: Callable[[Document], object]) -> list[str]:
    spec = copy.deepcopy(service_pod(rendered("overlays/trial")).spec)
    change(spec)
    return violations(spec)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda spec: spec["securityContext"].pop("runAsNonRoot"), "web: runAsNonRoot != true"),
        (lambda spec: spec["securityContext"].pop("seccompProfile"), "nginx: seccompProfile"),
        (lambda spec: spec["initContainers"][0].pop("securityContext"), "web: unrestricted capabilities"),
        (lambda spec: spec["containers"][0]["securityContext"].update(runAsUser=0), "nginx: runAsUser=0"),
        (lambda spec: spec["containers"][0]["securityContext"].update(privileged=True), "nginx: privileged"),
        (lambda spec: spec["volumes"].append({"name": "x", "hostPath": {"path": "/"}}), "volume of type hostPath"),
        (lambda spec: spec["containers"][0]["ports"][0].update(hostPort=80), "nginx: hostPort"),
        (lambda spec: spec.update(hostNetwork=True), "hostNetwork"),
    ],
)
def test_a_looser_pod_would_be_refused(change: Callable[[Document], object], found: str) -> None:
    assert found in loosened(change)


@pytest.mark.parametrize(("name", "pod"), PODS.values(), ids=PODS)
def test_a_pod_gets_no_variables_of_what_lies_beside_it(name: str, pod: Pod) -> None:
    assert pod.spec["enableServiceLinks"] is False


def test_with_them_no_container_of_ours_would_start() -> None:
    """What Kubernetes makes of a Service, and of the head of a cluster of Ray that KubeRay names after its job."""
    service = one(rendered("overlays/trial"), "Service")["metadata"]["name"]
    for name in (service, "sentigrade-batch-2026-01-31-x7kq2-head-svc"):
        links = {f"{name.upper().replace('-', '_')}_SERVICE_HOST": "172.20.0.7"}
        with pytest.raises(SettingError, match="is not a setting"):
            Settings.from_environ(links)
    assert f"{service.upper()}_PORT" in of_image_of_nginx()


@pytest.mark.parametrize("kind", ["web", "nginx"])
def test_what_a_container_is_told_are_settings_that_it_has(overlay: str, pod: Pod, kind: str) -> None:
    given = environment(pod.container(kind), rendered(overlay))
    assert {name: given.pop(name) for name in OF_NGINX_ALONE if name in given} == (
        OF_NGINX_ALONE if kind == "nginx" else {}
    )
    settings = Settings.from_environ({name: value for name, value in given.items() if name.startswith(OURS)})
    assert settings.worker_count == int(given["SENTIGRADE_WORKERS"])
    used = set(re.findall(r"\$\{(\w+)\}", "".join(path.read_text() for path in (NGINX / "templates").iterdir())))
    assert used <= of_image_of_nginx().keys()
    assert {"SENTIGRADE_MAX_ROWS_BYTES", "SENTIGRADE_TRUSTED_PROXY"} <= used & given.keys()
    assert used >= OF_NGINX_ALONE.keys()


def test_both_containers_are_told_the_same_and_meet_at_one_socket(overlay: str, pod: Pod) -> None:
    web, nginx = (environment(pod.container(name), rendered(overlay)) for name in ("web", "nginx"))
    assert nginx.items() - OF_NGINX_ALONE.items() <= web.items()
    settings = Settings.from_environ({name: value for name, value in web.items() if name.startswith(OURS)})
    image = of_image_of_nginx()
    assert (settings.bind, settings.rows_bind) == (image["SENTIGRADE_UPSTREAM"], image["SENTIGRADE_ROWS_UPSTREAM"])
    folders = {name: mounts(pod.container(name)) for name in ("web", "nginx")}
    assert folders["web"]["/run/sentigrade"] == folders["nginx"]["/run/sentigrade"]


def mounts(container: Document) -> dict[str, str]:
    """Return which volume is mounted where."""
    return {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}


def test_they_share_the_socket_alone_and_only_one_of_them_may_make_it(pod: Pod) -> None:
    web, nginx = (pod.container(name)["volumeMounts"] for name in ("web", "nginx"))
    assert {mount["name"] for mount in web} & {mount["name"] for mount in nginx} == {"socket"}
    assert [mount.get("readOnly", False) for mount in (*web, *nginx) if mount["name"] == "socket"] == [False, True]


def test_every_volume_is_mounted_and_nothing_else_can_be_written_to(pod: Pod) -> None:
    mounted = {name for container in pod.containers for name in mounts(container).values()}
    assert mounted == {volume["name"] for volume in pod.spec["volumes"]}
    assert all(container["securityContext"]["readOnlyRootFilesystem"] for container in pod.containers)


def test_nginx_may_write_where_compose_lets_it(pod: Pod) -> None:
    compose = (REPOSITORY / "docker-compose.yml").read_text()
    written = {"/tmp", "/etc/nginx/conf.d", "/etc/nginx/spool"}  # noqa: S108 - in the container
    assert mounts(pod.container("nginx")).keys() == written | {"/run/sentigrade"}
    assert 'volumes: ["socket:/run/sentigrade", "spool:/etc/nginx/spool"]' in compose
    assert 'tmpfs: [/tmp, "/etc/nginx/conf.d:uid=101,gid=101"]' in compose


def test_bodies_of_rows_lie_on_a_disk_which_has_room_for_the_most_of_them(overlay: str, pod: Pod) -> None:
    volumes = {volume["name"]: volume.get("emptyDir", {}) for volume in pod.spec["volumes"]}
    web, nginx = mounts(pod.container("web")), mounts(pod.container("nginx"))
    given = environment(pod.container("web"), rendered(overlay))
    spools = volumes[web[given["SENTIGRADE_SPOOL"]]], volumes[nginx["/etc/nginx/spool"]]
    assert all("medium" not in spool for spool in spools)
    at_once = re.search(r"limit_conn rows (\d+);", (NGINX / "templates" / "sentigrade.conf.template").read_text())
    assert at_once
    # Each with an answer as long as itself.
    most = 2 * int(at_once[1]) * int(given["SENTIGRADE_MAX_ROWS_BYTES"])
    assert most <= quantity(spools[1]["sizeLimit"])


@pytest.mark.parametrize("kind", ["web", "nginx"])
def test_a_container_has_more_than_its_volumes_may_take(pod: Pod, kind: str) -> None:
    container = pod.container(kind)
    limits, requests = container["resources"]["limits"], container["resources"]["requests"]
    assert all(requests[name] == limits[name] for name in ("memory", "ephemeral-storage"))
    volumes = {volume["name"]: volume["emptyDir"] for volume in pod.spec["volumes"] if "emptyDir" in volume}
    own = [volumes[name] for name in mounts(container).values() if name in volumes]
    taken = {
        "memory": sum(quantity(volume["sizeLimit"]) for volume in own if volume.get("medium") == "Memory"),
        "ephemeral-storage": sum(quantity(volume["sizeLimit"]) for volume in own if "medium" not in volume),
    }
    assert taken["memory"] * 4 < quantity(limits["memory"])
    assert taken["ephemeral-storage"] < quantity(limits["ephemeral-storage"])


def test_there_is_a_worker_for_each_core_that_web_asks_for(overlay: str, pod: Pod) -> None:
    web = pod.container("web")
    asked = quantity(web["resources"]["requests"]["cpu"])
    assert int(environment(web, rendered(overlay))["SENTIGRADE_WORKERS"]) == asked
    assert "cpu" not in web["resources"]["limits"]


def test_gunicorn_is_a_sidecar_that_is_ready_before_nginx_and_outlives_it(pod: Pod) -> None:
    (web,) = pod.spec["initContainers"]
    (nginx,) = pod.spec["containers"]
    assert (web["name"], web["args"], web["restartPolicy"]) == ("web", ["web"], "Always")
    assert web["startupProbe"]["exec"]["command"] == ["healthy"]
    assert nginx["name"] == "nginx"
    assert "args" not in nginx
    assert "command" not in {*web, *nginx}


def test_a_pod_that_stops_has_time_to_answer_what_it_has_accepted(overlay: str, pod: Pod) -> None:
    settings = Settings.from_environ(
        {name: value for name, value in environment(pod.container("web"), rendered(overlay)).items() if OURS in name}
    )
    leaving = pod.container("nginx")["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert leaving >= 15
    needed = leaving + settings.timeout_seconds + settings.graceful_seconds
    assert needed < pod.spec["terminationGracePeriodSeconds"]


def test_pods_are_spread_over_the_zones_and_replaced_one_by_one(overlay: str, pod: Pod) -> None:
    deployment = one(rendered(overlay), "Deployment")["spec"]
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert "replicas" not in deployment  # each `apply` would undo what the autoscaler has done
    zones, machines = pod.spec["topologySpreadConstraints"]
    assert (zones["topologyKey"], zones["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    assert (machines["topologyKey"], machines["whenUnsatisfiable"]) == ("kubernetes.io/hostname", "ScheduleAnyway")
    assert all(each["labelSelector"]["matchLabels"].items() <= pod.labels.items() for each in (zones, machines))


def test_the_autoscaler_and_the_budget_are_for_these_pods(overlay: str, pod: Pod) -> None:
    objects = rendered(overlay)
    autoscaler = one(objects, "HorizontalPodAutoscaler")["spec"]
    deployment = one(objects, "Deployment")
    target = {"apiVersion": deployment["apiVersion"], "kind": "Deployment", "name": deployment["metadata"]["name"]}
    (metric,) = autoscaler["metrics"]
    assert autoscaler["scaleTargetRef"] == target
    assert "cpu" in pod.container(metric["containerResource"]["container"])["resources"]["requests"]
    assert 2 <= autoscaler["minReplicas"] < autoscaler["maxReplicas"]
    budget = one(objects, "PodDisruptionBudget")["spec"]
    assert budget["selector"]["matchLabels"].items() <= pod.labels.items()
    assert budget["maxUnavailable"] < autoscaler["minReplicas"]


def test_no_pod_has_rights_in_the_cluster(overlay: str, pod: Pod) -> None:
    account = one(rendered(overlay), "ServiceAccount")
    assert pod.spec["serviceAccountName"] == account["metadata"]["name"]
    assert pod.spec["automountServiceAccountToken"] is account["automountServiceAccountToken"] is False
    assert not {each["kind"] for each in rendered(overlay)} & {"Role", "RoleBinding", "ClusterRole"}
    assert of_kind(rendered(overlay), "Secret") == []
