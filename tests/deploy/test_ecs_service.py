"""The template of the service on Fargate, judged without an AWS account."""

import json
import re
from pathlib import Path

import pytest
import yaml

from sentigrade.settings import Settings
from tests.deploy.stack_values import Stack
from tests.deploy.test_templates import Document, policy, statements
from tests.live import REPOSITORY

SERVICE = REPOSITORY / "deploy" / "ecs" / "service.yaml"
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
DOCKERFILES = {"web": REPOSITORY / "services" / "Dockerfile", "nginx": REPOSITORY / "nginx" / "Dockerfile"}
NGINX = (REPOSITORY / "nginx" / "templates" / "sentigrade.conf.template").read_text()

REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-Ab12Cd"  # noqa: S105 - where one would lie
PARAMETERS = {
    "VpcCidr": "172.31.0.0/16",
    "AllowedCidr": "203.0.113.0/24",
    "Image": f"{REGISTRY}/sentigrade@sha256:{'0' * 64}",
    "NginxImage": f"{REGISTRY}/sentigrade-nginx@sha256:{'1' * 64}",
}
FARGATE_DISK = 20 * 2**30


def stack(**parameters: str) -> Stack:
    return Stack(SERVICE, **PARAMETERS, **parameters)


@pytest.fixture(scope="module")
def plain() -> Stack:
    return stack()


@pytest.fixture(scope="module")
def full() -> Stack:
    """All that may be left out."""
    certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b-2c"
    return stack(CertificateArn=certificate, ModelBucket="my-bucket", ModelPrefix="models/", ApiKeysSecret=SECRET)


def containers(stack: Stack) -> dict[str, Document]:
    return {container["Name"]: container for container in stack.resources["Task"]["ContainerDefinitions"]}


def environment(container: Document) -> dict[str, str]:
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_container_is_the_image_s_own_user_and_can_do_no_more(plain: Stack, name: str) -> None:
    container = containers(plain)[name]
    user, _, group = container["User"].partition(":")
    last_user = re.findall(r"^USER (\d+)", DOCKERFILES[name].read_text(), re.MULTILINE)[-1]
    assert user == group == last_user
    assert container["ReadonlyRootFilesystem"] is True
    assert container["LinuxParameters"] == {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}}
    assert container["Essential"] is True


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_container_writes_to_volumes_alone_whose_owner_its_image_names(plain: Stack, name: str) -> None:
    mounts = containers(plain)[name]["MountPoints"]
    written = {mount["ContainerPath"] for mount in mounts if not mount.get("ReadOnly")}
    assert written == volumes(DOCKERFILES[name])
    assert {"Name": mounts[0]["SourceVolume"]} in plain.resources["Task"]["Volumes"]


def volumes(dockerfile: Path) -> set[str]:
    (listed,) = re.findall(r"^VOLUME (\[.*\])$", dockerfile.read_text(), re.MULTILINE)
    return set(json.loads(listed))


def test_only_the_socket_is_shared_and_nginx_may_not_replace_it(plain: Stack) -> None:
    mounts = {name: container["MountPoints"] for name, container in containers(plain).items()}
    sources = {name: {mount["SourceVolume"] for mount in mounted} for name, mounted in mounts.items()}
    assert sources["web"] & sources["nginx"] == {"socket"}
    assert {volume["Name"] for volume in plain.resources["Task"]["Volumes"]} == sources["web"] | sources["nginx"]
    (socket,) = (mount for mount in mounts["nginx"] if mount["SourceVolume"] == "socket")
    assert socket["ReadOnly"] is True


def test_nginx_starts_when_web_is_healthy(plain: Stack) -> None:
    assert containers(plain)["nginx"]["DependsOn"] == [{"ContainerName": "web", "Condition": "HEALTHY"}]
    assert "DependsOn" not in containers(plain)["web"]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_container_is_asked_for_its_health_as_in_compose(plain: Stack, name: str) -> None:
    assert containers(plain)[name]["HealthCheck"]["Command"] == COMPOSE[name]["healthcheck"]["test"]


def test_requests_in_flight_may_end(plain: Stack) -> None:
    least = Settings().graceful_seconds + 10
    assert {container["StopTimeout"] for container in containers(plain).values()} == {least}
    assert attributes(plain, "TargetGroup", "TargetGroupAttributes")["deregistration_delay.timeout_seconds"] == "30"


def test_the_role_of_the_image_and_its_settings_are_those_of_compose(full: Stack) -> None:
    web = containers(full)["web"]
    given = environment(web)
    assert web["Command"] == COMPOSE["web"]["command"]
    for name in ("SENTIGRADE_BIND", "SENTIGRADE_CACHE", "SENTIGRADE_SPOOL"):
        assert given[name] == COMPOSE["web"]["environment"][name]


def test_the_settings_can_be_used(full: Stack) -> None:
    settings = Settings.from_environ(environment(containers(full)["web"]))
    assert settings.store == "s3://my-bucket/models/"
    assert settings.models == "sentiment"
    of_nginx = environment(containers(full)["nginx"])
    assert of_nginx.pop("SENTIGRADE_NGINX_WORKERS") == "2"  # a file of nginx's says so alone, and its memory is for two
    nginx = Settings.from_environ(of_nginx)
    assert nginx.trusted_proxy == PARAMETERS["VpcCidr"]
    assert nginx.max_rows_bytes == settings.max_rows_bytes


def test_without_a_bucket_the_models_are_those_of_the_image(plain: Stack) -> None:
    assert "SENTIGRADE_STORE" not in environment(containers(plain)["web"])
    assert "Policies" not in plain.resources["TaskRole"]


def test_all_bodies_of_rows_that_may_come_at_once_fit_on_the_disk(plain: Stack) -> None:
    (at_once,) = re.findall(r"limit_conn rows (\d+);", NGINX)
    largest = int(environment(containers(plain)["web"])["SENTIGRADE_MAX_ROWS_BYTES"])
    images = 2 * 2**30
    assert int(at_once) * 3 * largest + images < FARGATE_DISK


@pytest.mark.parametrize("cpu", [1024, 2048, 4096, 8192])
def test_a_task_has_a_worker_for_each_core(cpu: int) -> None:
    web = containers(stack(Cpu=str(cpu)))["web"]
    assert environment(web)["SENTIGRADE_WORKERS"] == str(cpu // 1024)


def test_the_api_keys_come_from_the_secret_as_the_image_takes_them(plain: Stack, full: Stack) -> None:
    assert containers(full)["web"]["Secrets"] == [{"Name": "API_KEYS", "ValueFrom": SECRET}]
    assert "$API_KEYS" in (REPOSITORY / "services" / "entrypoint.sh").read_text()
    assert "Secrets" not in containers(plain)["web"]


def test_callers_reach_the_load_balancer_and_it_alone_reaches_the_tasks(plain: Stack) -> None:
    (callers,) = plain.resources["LoadBalancerGroup"]["SecurityGroupIngress"]
    (to_tasks,) = plain.resources["LoadBalancerGroup"]["SecurityGroupEgress"]
    (from_balancer,) = plain.resources["TaskGroup"]["SecurityGroupIngress"]
    (out,) = plain.resources["TaskGroup"]["SecurityGroupEgress"]
    assert (callers["FromPort"], callers["ToPort"], callers["CidrIp"]) == (80, 80, PARAMETERS["AllowedCidr"])
    assert from_balancer["SourceSecurityGroupId"] == "LoadBalancerGroup"
    assert "CidrIp" not in from_balancer
    assert {to_tasks["FromPort"], to_tasks["ToPort"], from_balancer["FromPort"], from_balancer["ToPort"]} == {1337}
    assert out["FromPort"] == out["ToPort"] == 443


def test_with_a_certificate_everybody_comes_by_https(plain: Stack, full: Stack) -> None:
    assert "Redirect" not in plain.resources
    assert plain.resources["Listener"]["Protocol"] == "HTTP"
    assert full.resources["Listener"]["Protocol"] == "HTTPS"
    assert full.resources["Listener"]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    (redirect,) = full.resources["Redirect"]["DefaultActions"]
    assert redirect["RedirectConfig"] == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert {rule["FromPort"] for rule in full.resources["LoadBalancerGroup"]["SecurityGroupIngress"]} == {80, 443}


def test_one_port_leads_from_the_load_balancer_to_nginx(plain: Stack) -> None:
    (port,) = re.findall(r"SENTIGRADE_PORT=(\d+)", DOCKERFILES["nginx"].read_text())
    (mapping,) = containers(plain)["nginx"]["PortMappings"]
    (balanced,) = plain.resources["Service"]["LoadBalancers"]
    assert "PortMappings" not in containers(plain)["web"]
    assert int(port) == mapping["ContainerPort"] == balanced["ContainerPort"] == plain.resources["TargetGroup"]["Port"]
    assert balanced["ContainerName"] == "nginx"


def test_the_load_balancer_asks_what_nginx_passes_on_as_a_probe(plain: Stack) -> None:
    (probes,) = re.findall(r"location ~ (\S+ping\S+) \{", NGINX)
    assert re.match(probes, plain.resources["TargetGroup"]["HealthCheckPath"])


def test_nginx_keeps_connections_for_longer_than_the_load_balancer(plain: Stack) -> None:
    """Or it would close one in the moment in which a request is sent over it."""
    (kept,) = re.findall(r"keepalive_timeout (\d+)s;", NGINX)
    given = attributes(plain, "LoadBalancer", "LoadBalancerAttributes")
    assert int(given["idle_timeout.timeout_seconds"]) < int(kept)


def attributes(stack: Stack, resource: str, name: str) -> dict[str, str]:
    return {attribute["Key"]: attribute["Value"] for attribute in stack.resources[resource][name]}


def test_a_rollout_that_fails_is_taken_back_and_no_capacity_is_missing_meanwhile(plain: Stack) -> None:
    assert plain.resources["Service"]["DeploymentConfiguration"] == {
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        "Alarms": {"AlarmNames": ["Failing"], "Enable": True, "Rollback": True},
    }


def test_the_alarm_counts_what_tasks_and_load_balancer_failed_to_answer(plain: Stack) -> None:
    share, *counted = plain.resources["Failing"]["Metrics"]
    names = {metric["Id"]: metric["MetricStat"]["Metric"]["MetricName"] for metric in counted}
    assert names == {
        "requests": "RequestCount",
        "tasks": "HTTPCode_Target_5XX_Count",
        "balancer": "HTTPCode_ELB_5XX_Count",
    }
    assert set(re.findall(r"FILL\((\w+),", share["Expression"])) == set(names)


def test_how_many_tasks_there_are_is_left_to_scaling(plain: Stack) -> None:
    assert "DesiredCount" not in plain.resources["Service"]
    policies = [plain.resources[name]["TargetTrackingScalingPolicyConfiguration"] for name in ("ByCpu", "ByRequests")]
    assert {policy["PredefinedMetricSpecification"]["PredefinedMetricType"] for policy in policies} == {
        "ECSServiceAverageCPUUtilization",
        "ALBRequestCountPerTarget",
    }


def test_the_tasks_read_models_as_a_reader_does(full: Stack) -> None:
    (own,) = full.resources["TaskRole"]["Policies"]
    written = json.dumps(policy("reader")).replace("BUCKET", "my-bucket").replace("PREFIX", "models/")
    assert own["PolicyDocument"] == json.loads(written)


def test_starting_tasks_takes_two_repositories_one_log_and_one_secret(plain: Stack, full: Stack) -> None:
    entering = {"ecr:GetAuthorizationToken": {"*"}}
    prefix = "arn:aws:ecr:eu-central-1:123456789012:repository"
    both = {f"{prefix}/sentigrade", f"{prefix}/sentigrade-nginx"}
    fetching = {"ecr:BatchGetImage": both, "ecr:GetDownloadUrlForLayer": both}
    logging = {"logs:CreateLogStream": {"Log.Arn"}, "logs:PutLogEvents": {"Log.Arn"}}
    assert granted(plain) == {**entering, **fetching, **logging}
    assert granted(full) == {**granted(plain), "secretsmanager:GetSecretValue": {SECRET}}


def granted(stack: Stack) -> dict[str, set[str]]:
    """What the execution role may do, and to what."""
    role = stack.resources["ExecutionRole"]
    assert "ManagedPolicyArns" not in role
    (own,) = role["Policies"]
    found = dict[str, set[str]]()
    for actions, statement in statements(own["PolicyDocument"]):
        resources = statement["Resource"]
        found |= {action: {resources} if isinstance(resources, str) else set(resources) for action in actions}
    return found


@pytest.mark.parametrize("role", ["ExecutionRole", "TaskRole"])
def test_only_tasks_of_this_account_have_the_roles(plain: Stack, role: str) -> None:
    (trust,) = plain.resources[role]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Image", f"{REGISTRY}/sentigrade:latest"),
        ("Image", f"{REGISTRY}/sentigrade-nginx@sha256:{'0' * 64}"),
        ("NginxImage", f"{REGISTRY}/sentigrade@sha256:{'0' * 64}"),
        ("Image", f"docker.io/sentigrade@sha256:{'0' * 64}"),
        ("Models", "sentiment; reboot"),
        ("Models", "sentiment@3#sha256:0"),
        ("AllowedCidr", "everybody"),
        ("ApiKeysSecret", "keys"),
        ("ModelPrefix", "models"),
    ],
)
def test_what_cannot_be_meant_is_refused(plain: Stack, parameter: str, value: str) -> None:
    assert not plain.accepts(parameter, value)


@pytest.mark.parametrize("models", ["sentiment", "sentiment@3", f"sentiment@3#sha256:{'a' * 64},toxicity@1"])
def test_models_may_be_named_and_pinned(plain: Stack, models: str) -> None:
    assert plain.accepts("Models", models)
