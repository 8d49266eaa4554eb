"""What a cluster asks the pods of deploy/eks, asked of the real service."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from sentigrade.api_keys import add_key
from sentigrade.web.api_keys import KeyFile
from tests.deploy.kustomized import environment, of_kind, one, rendered, service_pod
from tests.deploy.test_templates import Document
from tests.end_to_end.stack import ready
from tests.live import REPOSITORY, call, free_port, predict

PRODUCTION = rendered("overlays/production")
POD = service_pod(PRODUCTION)
ALERTS = REPOSITORY / "deploy" / "monitoring"


class Ports(NamedTuple):
    """Where nginx listens: for callers, and for metrics."""

    http: int
    metrics: int


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """The ports of a service with API keys, as in production."""
    folder, metrics = tmp_path_factory.mktemp("pod"), free_port()
    add_key(folder / "keys", "alice")
    with ready(folder, SENTIGRADE_METRICS_PORT=str(metrics), SENTIGRADE_API_KEYS=str(folder / "keys")) as stack:
        yield Ports(stack.port, metrics)


def asked_paths() -> dict[str, str]:
    """Return the paths that are asked on nginx's port, by who asks."""
    annotations = one(PRODUCTION, "Ingress")["metadata"]["annotations"]
    return {
        "readiness": POD.container("nginx")["readinessProbe"]["httpGet"]["path"],
        "liveness": POD.container("web")["livenessProbe"]["httpGet"]["path"],
        "load balancer": annotations["alb.ingress.kubernetes.io/healthcheck-path"],
    }


@pytest.mark.parametrize("who", asked_paths())
def test_a_probe_is_answered_without_a_key_and_a_caller_is_not(ports: Ports, who: str) -> None:
    assert predict(ports.http, "A fine film.").status == 401
    # As a kubelet asks: by the address of the pod, and the load balancer by that of a target.
    assert call(ports.http, "GET", asked_paths()[who], headers={"Host": "10.80.70.7:1337"}).status == 200


def test_readiness_is_asked_for_by_the_load_balancer_too_and_life_is_less() -> None:
    paths = asked_paths()
    assert paths["readiness"] == paths["load balancer"] == "/health/ready"
    assert paths["liveness"] == "/health/live"


def test_a_probe_waits_longer_than_nginx_does() -> None:
    """It asks one worker after the other, 800 ms each."""
    probes = [POD.container("nginx")["readinessProbe"], POD.container("web")["livenessProbe"]]
    assert all(probe["timeoutSeconds"] >= 2 for probe in probes)


def test_gunicorn_may_be_restarted_only_after_nginx_had_time_to_start() -> None:
    probe = POD.container("web")["livenessProbe"]
    nginx = POD.container("nginx")["livenessProbe"]
    patience, its = (each["periodSeconds"] * each["failureThreshold"] for each in (probe, nginx))
    assert patience >= 120
    assert patience > its


def test_prometheus_finds_the_metrics_where_the_monitor_looks(ports: Ports) -> None:
    (endpoint,) = one(PRODUCTION, "ServiceMonitor")["spec"]["endpoints"]
    service = one(PRODUCTION, "Service")
    (port,) = (port for port in service["spec"]["ports"] if port["name"] == endpoint["port"])
    assert port["targetPort"] == "metrics"
    assert "sentigrade_workers" in call(ports.metrics, "GET", endpoint["path"]).text
    assert call(ports.http, "GET", endpoint["path"]).status == 404


def test_the_monitor_scrapes_as_compose_s_prometheus_does_and_under_the_same_name() -> None:
    configuration = yaml.safe_load((ALERTS / "prometheus.yml").read_text())
    monitor, service = one(PRODUCTION, "ServiceMonitor"), one(PRODUCTION, "Service")
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["interval"] == configuration["global"]["scrape_interval"]
    assert endpoint["scrapeTimeout"] == configuration["global"]["scrape_timeout"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    (job,) = (each["job_name"] for each in configuration["scrape_configs"])
    assert service["metadata"]["name"] == job  # the operator names the job after the Service


def test_the_keys_are_mounted_where_the_service_looks_for_them() -> None:
    provider = one(PRODUCTION, "SecretProviderClass")
    (secret,) = yaml.safe_load(provider["spec"]["parameters"]["objects"])
    web = POD.container("web")
    (volume,) = (volume for volume in POD.spec["volumes"] if "csi" in volume)
    (mount,) = (mount for mount in web["volumeMounts"] if mount["name"] == volume["name"])
    assert volume["csi"]["volumeAttributes"] == {"secretProviderClass": provider["metadata"]["name"]}
    assert volume["csi"]["readOnly"] is mount["readOnly"] is True
    given = environment(web, PRODUCTION)["SENTIGRADE_API_KEYS"]
    assert given == f"{mount['mountPath']}/{secret['objectAlias']}"
    assert "SENTIGRADE_API_KEYS" not in environment(POD.container("nginx"), PRODUCTION)


def test_changed_keys_are_followed_when_their_folder_is_swapped_as_kubernetes_does(tmp_path: Path) -> None:
    """Files of a mounted secret are links through `..data`, which is moved to a new folder in one step."""
    (secret,) = yaml.safe_load(one(PRODUCTION, "SecretProviderClass")["spec"]["parameters"]["objects"])
    name = secret["objectAlias"]
    now = 0.0

    def put(version: str, key: str) -> str:
        (tmp_path / version).mkdir()
        made = add_key(tmp_path / version / name, key)
        (tmp_path / "..new").symlink_to(version)
        (tmp_path / "..new").rename(tmp_path / "..data")
        return made

    first = put("..1", "alice")
    (tmp_path / name).symlink_to(os.path.join("..data", name))  # noqa: PTH118 - a Path would lose the dots
    keys = KeyFile(tmp_path / name, clock=lambda: now)
    assert keys.name_of(first) == "alice"
    second = put("..2", "bob")
    now += 10
    assert (keys.name_of(first), keys.name_of(second)) == (None, "bob")


def test_nobody_needs_a_key_where_the_component_is_left_out() -> None:
    trial = rendered("overlays/trial")
    assert of_kind(trial, "SecretProviderClass") == []
    pod: Document = service_pod(trial).spec
    assert not [volume for volume in pod["volumes"] if "csi" in volume]
    assert "SENTIGRADE_API_KEYS" not in environment(service_pod(trial).container("web"), trial)
