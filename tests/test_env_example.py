"""`.env.example` says what `Settings` says."""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
import yaml

from sentigrade.settings import Settings, environment_name

REPOSITORY = Path(__file__).parent.parent
COMPOSE = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
FOR_COMPOSE = "\n# For Docker Compose alone.\n"
SERVICES = yaml.safe_load(COMPOSE)["services"]
FIELDS = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
FOR_NGINX_ALONE = ("requests_per_second", "connections_per_caller", "trusted_proxy")
FOR_NGINX_TOO = ("max_body_bytes", "max_rows_bytes", "timeout_seconds")


def test_it_lists_every_setting_with_its_description_and_default() -> None:
    entries = [
        f"# {field['description']}\n# {environment_name(name)}={field['default']}\n" for name, field in FIELDS.items()
    ]
    settings, _ = (REPOSITORY / ".env.example").read_text(encoding="utf-8").split(FOR_COMPOSE)
    _, *written = settings.split("\n\n")
    assert [entry.rstrip("\n") + "\n" for entry in written] == entries


def test_it_lists_what_compose_alone_reads() -> None:
    _, for_compose = (REPOSITORY / ".env.example").read_text(encoding="utf-8").split(FOR_COMPOSE)
    read = set(re.findall(r"\$\{(\w+)", COMPOSE)) - {environment_name(name) for name in FIELDS}
    assert set(re.findall(r"^# (SENTIGRADE_\w+)=", for_compose, re.MULTILINE)) == read


def test_compose_passes_every_setting_on() -> None:
    passed_on = {name for name in SERVICES["web"]["environment"] if name.startswith("SENTIGRADE_")}
    # Callers of a host of one's own may not load models; the port of metrics is the project's own.
    kept_back = {"port", "multi_model", "metrics_port"}
    assert passed_on == {environment_name(name) for name in FIELDS.keys() - kept_back - {*FOR_NGINX_ALONE}}


@pytest.mark.parametrize("service", ["nginx", "tls"])
def test_compose_tells_nginx_what_it_bounds_with_the_same_defaults(service: str) -> None:
    told = {name: f"${{{name}:-{default}}}" for name, default in defaults(FOR_NGINX_ALONE + FOR_NGINX_TOO).items()}
    assert SERVICES[service]["environment"] == told


def test_the_nginx_image_has_the_defaults_of_the_settings() -> None:
    dockerfile = (REPOSITORY / "nginx" / "Dockerfile").read_text(encoding="utf-8")
    for name, default in defaults(("port", *FOR_NGINX_ALONE, *FOR_NGINX_TOO)).items():
        assert f" {name}={default}" in dockerfile


def defaults(names: Iterable[str]) -> dict[str, object]:
    return {environment_name(name): getattr(Settings(), name) for name in names}
