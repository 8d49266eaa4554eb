"""`.env.example` says what `Settings` says."""

import re
from pathlib import Path

import msgspec
import yaml

from sentigrade.settings import Settings, environment_name

REPOSITORY = Path(__file__).parent.parent
COMPOSE = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
FOR_COMPOSE = "\n# For Docker Compose alone.\n"
FIELDS = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]


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
    environment = yaml.safe_load(COMPOSE)["services"]["web"]["environment"]
    passed_on = {name for name in environment if name.startswith("SENTIGRADE_")}
    # Callers of a host of one's own may not load models.
    kept_back = {"SENTIGRADE_PORT", "SENTIGRADE_MULTI_MODEL"}
    assert passed_on == {environment_name(name) for name in FIELDS} - kept_back


def test_the_nginx_image_has_the_defaults_of_the_settings() -> None:
    dockerfile = (REPOSITORY / "nginx" / "Dockerfile").read_text(encoding="utf-8")
    for name in ("port", "max_body_bytes", "max_rows_bytes", "timeout_seconds"):
        assert f"{environment_name(name)}={getattr(Settings(), name)}" in dockerfile
