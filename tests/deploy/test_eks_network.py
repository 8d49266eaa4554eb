"""How a request comes to a pod of deploy/eks, and that nothing else comes or goes."""

import re
from ipaddress import IPv4Network

import pytest
import yaml

from tests.deploy.kustomized import EKS, RAY, SERVICE, of_kind, one, pods, rendered, service_pod
from tests.deploy.reaching import Labels, Peer, allowed
from tests.deploy.test_templates import Document
from tests.live import REPOSITORY

NGINX = REPOSITORY / "nginx"
ALB = "alb.ingress.kubernetes.io/"

LOAD_BALANCER = Peer("10.80.40.7")
ANOTHER_POD = Peer("10.80.70.7", {"app": "other"}, {"kubernetes.io/metadata.name": "other"})
PROMETHEUS = Peer("10.80.70.8", {"app": "prometheus"}, {"kubernetes.io/metadata.name": "monitoring"})
INTERNET = Peer("203.0.113.7")
S3 = Peer("52.219.0.1")
MACHINE_S_DNS = Peer("172.20.0.10")
POD_IDENTITY = Peer("169.254.170.23")
INSTANCE_METADATA = Peer("169.254.169.254")
RAY_POD = Peer("10.80.70.9", {"ray.io/is-ray-node": "yes"}, same_namespace=True)
KUBERAY = Peer("10.80.70.9", {"app.kubernetes.io/name": "kuberay-operator"}, {"kubernetes.io/metadata.name": "default"})

# Who may reach a pod of the service, at which port.
COMING = [
    (LOAD_BALANCER, "1337/TCP", SERVICE),
    (LOAD_BALANCER, "9145/TCP", ()),
    (PROMETHEUS, "9145/TCP", ("overlays/production",)),
    (PROMETHEUS, "1337/TCP", ()),
    (ANOTHER_POD, "1337/TCP", ()),
    (ANOTHER_POD, "9145/TCP", ()),
    (INTERNET, "1337/TCP", ()),
]
# And whom it may reach.
GOING = [
    (S3, "443/TCP", ("overlays/production", "batch", RAY)),
    (MACHINE_S_DNS, "53/UDP", ("overlays/production", "batch", RAY)),
    (POD_IDENTITY, "80/TCP", ("overlays/production", "batch", RAY)),
    (INSTANCE_METADATA, "80/TCP", ()),
    (INTERNET, "80/TCP", ()),
    (ANOTHER_POD, "8080/TCP", ()),
]


@pytest.fixture(params=SERVICE)
def objects(request: pytest.FixtureRequest) -> list[Document]:
    return list(rendered(request.param))


def labels_of(name: str) -> Labels:
    return next(pods(rendered(name))).labels


@pytest.mark.parametrize("name", SERVICE)
@pytest.mark.parametrize(("peer", "port", "where"), COMING)
def test_a_pod_is_reached_by_the_load_balancer_and_prometheus_alone(
    name: str, peer: Peer, port: str, where: tuple[str, ...]
) -> None:
    policies = of_kind(rendered(name), "NetworkPolicy")
    assert allowed(policies, "Ingress", labels_of(name), peer, port) == (name in where)


@pytest.mark.parametrize("name", [*SERVICE, "batch", RAY])
@pytest.mark.parametrize(("peer", "port", "where"), GOING)
def test_a_pod_reaches_aws_where_it_needs_it_and_nobody_else(
    name: str, peer: Peer, port: str, where: tuple[str, ...]
) -> None:
    policies = of_kind(rendered(name), "NetworkPolicy")
    assert allowed(policies, "Egress", labels_of(name), peer, port) == (name in where)


def test_pods_of_another_kind_in_the_namespace_reach_nobody_either(objects: list[Document]) -> None:
    policies = of_kind(objects, "NetworkPolicy")
    assert not allowed(policies, "Ingress", {"app": "debug"}, LOAD_BALANCER, "1337/TCP")
    assert not allowed(policies, "Egress", {"app": "debug"}, S3, "443/TCP")


def test_the_parts_of_a_cluster_of_ray_reach_each_other_and_its_operator_reaches_the_head() -> None:
    policies = of_kind(rendered(RAY), "NetworkPolicy")
    ray = labels_of(RAY)
    for port in ("6379/TCP", "10002/TCP"):
        assert allowed(policies, "Ingress", ray, RAY_POD, port)
        assert allowed(policies, "Egress", ray, RAY_POD, port)
    assert allowed(policies, "Ingress", ray, KUBERAY, "8265/TCP")
    for peer in (ANOTHER_POD, RAY_POD._replace(same_namespace=False, namespace={})):
        assert not allowed(policies, "Ingress", ray, peer, "8265/TCP")
    assert not allowed(policies, "Ingress", {}, RAY_POD, "6379/TCP")


def test_the_ingress_leads_to_nginx_by_the_service(objects: list[Document]) -> None:
    (rule,) = one(objects, "Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    service, pod = one(objects, "Service"), service_pod(objects)
    backend = path["backend"]["service"]
    (port,) = (port for port in service["spec"]["ports"] if port["name"] == backend["port"]["name"])
    (target,) = (each for each in pod.container("nginx")["ports"] if each["name"] == port["targetPort"])
    assert (path["path"], path["pathType"]) == ("/", "Prefix")
    assert backend["name"] == service["metadata"]["name"]
    assert service["spec"]["selector"].items() <= pod.labels.items()
    assert target["containerPort"] == 1337


def test_the_ports_are_those_that_nginx_listens_on(objects: list[Document]) -> None:
    dockerfile = (NGINX / "Dockerfile").read_text()
    ports = {port["name"]: port["containerPort"] for port in service_pod(objects).container("nginx")["ports"]}
    assert f"SENTIGRADE_PORT={ports['http']}" in dockerfile
    assert f"SENTIGRADE_METRICS_ADDRESS={ports['metrics']}" in dockerfile
    live = service_pod(objects).container("web")["livenessProbe"]["httpGet"]
    assert live["port"] == ports["http"]  # by its number: the name is another container's


def test_the_class_of_the_ingress_is_auto_mode_s() -> None:
    ingress = one(rendered("overlays/trial"), "Ingress")
    made = one(rendered("auto-mode"), "IngressClass")
    parameters = one(rendered("auto-mode"), "IngressClassParams")
    assert ingress["spec"]["ingressClassName"] == made["metadata"]["name"]
    assert made["spec"]["parameters"] == {
        "apiGroup": parameters["apiVersion"].partition("/")[0],
        "kind": parameters["kind"],
        "name": parameters["metadata"]["name"],
    }


def test_what_auto_mode_does_about_policies_is_switched_on() -> None:
    switch = one(rendered("auto-mode"), "ConfigMap")
    assert (switch["metadata"]["namespace"], switch["metadata"]["name"]) == ("kube-system", "amazon-vpc-cni")
    assert switch["data"] == {"enable-network-policy-controller": "true"}


def attributes(objects: list[Document], name: str) -> dict[str, str]:
    """Return what an annotation of the Ingress with several values says."""
    written = one(objects, "Ingress")["metadata"]["annotations"][f"{ALB}{name}"]
    return dict(pair.split("=") for pair in written.split(","))


def test_nginx_keeps_idle_connections_longer_than_the_load_balancer(objects: list[Document]) -> None:
    kept = re.search(r"keepalive_timeout (\d+)s;", (NGINX / "templates" / "sentigrade.conf.template").read_text())
    assert kept
    idle = attributes(objects, "load-balancer-attributes")["idle_timeout.timeout_seconds"]
    assert int(idle) < int(kept[1])


def test_the_load_balancer_lets_a_pod_end_what_it_answers(objects: list[Document]) -> None:
    delay = attributes(objects, "target-group-attributes")["deregistration_delay.timeout_seconds"]
    assert int(delay) >= service_pod(objects).spec["terminationGracePeriodSeconds"]


def test_requests_go_to_the_pods_themselves_and_new_ones_wait_for_the_load_balancer(objects: list[Document]) -> None:
    assert one(objects, "Ingress")["metadata"]["annotations"][f"{ALB}target-type"] == "ip"
    labels = one(objects, "Namespace")["metadata"]["labels"]
    assert labels["eks.amazonaws.com/pod-readiness-gate-inject"] == "enabled"


def test_whoever_may_call_is_believed_about_who_calls(objects: list[Document]) -> None:
    (policy,) = (each for each in of_kind(objects, "NetworkPolicy") if each["metadata"]["name"] == "from-load-balancer")
    (peer,) = policy["spec"]["ingress"][0]["from"]
    assert peer["ipBlock"]["cidr"] == one(objects, "ConfigMap")["data"]["SENTIGRADE_TRUSTED_PROXY"]


def test_that_is_the_public_part_of_the_cluster_s_network(objects: list[Document]) -> None:
    cluster = yaml.safe_load((EKS / "cluster.yaml").read_text())
    parts = list(IPv4Network(cluster["vpc"]["cidr"]).subnets(prefixlen_diff=3))
    zones = len(cluster["availabilityZones"])
    trusted = IPv4Network(one(objects, "ConfigMap")["data"]["SENTIGRADE_TRUSTED_PROXY"])
    # eksctl gives the first parts to the public subnets, one a zone, and the next to the private ones.
    assert [part.subnet_of(trusted) for part in parts] == [number < zones for number in range(8)]
