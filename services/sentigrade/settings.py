"""Every setting, once: name, type, default, limits and what it is for.

The environment name of a field is `SENTIGRADE_` and the field in capitals; `.env.example` lists the same
(a test compares them). Settings are read from a mapping at the entry point and passed down.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from sentigrade.errors import SettingError

PREFIX = "SENTIGRADE_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the service, checked on the way in."""

    port: Annotated[int, Meta(ge=1, le=65535, description="Port that nginx listens on; the only one callers see.")] = (
        1337
    )
    store: Annotated[
        str, Meta(min_length=1, description="Where model folders live: a folder, or s3://bucket/prefix.")
    ] = "model_store"
    models: Annotated[
        str,
        Meta(
            pattern=r"^[^,\s]+(,[^,\s]+)*$",
            description="Models to serve, comma-separated: name, name@version or name@version#sha256:DIGEST. "
            "The first answers by default.",
        ),
    ] = "sentiment"
    cache: Annotated[
        str, Meta(min_length=1, description="Folder for models that were fetched; keep it on a volume.")
    ] = "~/.cache/sentigrade"
    public_key: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9+/=]*$",
            description="Serve only models signed with this ed25519 key (base64), or pinned by digest.",
        ),
    ] = ""
    multi_model: Annotated[
        str,
        Meta(
            pattern=r"^(/.*)?$",
            description="Folder whose models callers may load and unload over /models, as on SageMaker's multi-model "
            "endpoints; empty means nobody may.",
        ),
    ] = ""
    api_keys: Annotated[
        str,
        Meta(description="File of hashed API keys, made by `sentigrade key`; empty means that everyone may call."),
    ] = ""
    requests_per_second: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Requests that one caller, an address or an API key, may send in a second; more are told to "
            "wait. The default is as good as none.",
        ),
    ] = 1_000_000
    connections_per_caller: Annotated[
        int,
        Meta(
            ge=1, le=65_535, description="Requests that one address may have under way at once; more are told to wait."
        ),
    ] = 256
    trusted_proxy: Annotated[
        str,
        Meta(
            description="Network (CIDR) of the load balancer in front, which is believed when it says who calls "
            "(X-Forwarded-For, X-Forwarded-Proto); unix: means none, and then all who come through one are one caller.",
        ),
    ] = "unix:"
    metrics_port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="Port on which `make run` gives /metrics, to this host alone; 0 means none. Compose's "
            "containers give it on port 9145 of their own network, always.",
        ),
    ] = 0
    watch_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=86_400,
            description="Look for newly promoted versions every so often and swap them in; 0 means never.",
        ),
    ] = 0
    bind: Annotated[
        str,
        Meta(
            pattern=r"^(unix:.+|.+:\d+)$",
            description="Where gunicorn listens, behind nginx: unix:PATH or HOST:PORT.",
        ),
    ] = "unix:/tmp/sentigrade/web.sock"
    workers: Annotated[
        int, Meta(ge=0, le=256, description="gunicorn workers; 0 means one for each CPU this process may use.")
    ] = 0
    timeout_seconds: Annotated[int, Meta(ge=1, description="A worker that is silent for this long is replaced.")] = 30
    graceful_seconds: Annotated[
        int, Meta(ge=1, description="On stop, how long requests in flight may take to finish.")
    ] = 20
    max_body_bytes: Annotated[int, Meta(ge=1, description="Largest JSON body, in nginx and in the app.")] = (
        6 * 1024 * 1024
    )
    max_rows_bytes: Annotated[
        int, Meta(ge=1, description="Largest body of rows (NDJSON, CSV, plain text), in nginx and in the app.")
    ] = 1024 * 1024 * 1024
    spool: Annotated[
        str,
        Meta(
            min_length=1,
            description="Folder where bodies of rows lie while they are answered; on disk, not in memory.",
        ),
    ] = "/var/tmp"  # noqa: S108 - only files without a name are made there
    max_texts: Annotated[int, Meta(ge=1, description="Most texts in one list.")] = 10_000
    max_characters: Annotated[int, Meta(ge=1, description="Longest text, in characters (Unicode code points).")] = (
        100_000
    )
    max_detailed_characters: Annotated[
        int,
        Meta(ge=1, description="Most characters in one JSON request that asks for explanations or sentences."),
    ] = 1_000_000
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Least severe log lines to write; info includes one line a request."),
    ] = "info"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises SettingError, naming the variable, for an unknown name or a value that cannot be used.
        """
        given = {name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)}
        unknown = sorted(given.keys() - set(cls.__struct_fields__))
        if unknown:
            raise SettingError(f"{environment_name(unknown[0])} is not a setting; .env.example lists them all")
        values = {field: value for field, value in given.items() if value != ""}
        try:
            settings = msgspec.convert(values, cls, strict=False)
        except msgspec.ValidationError as error:
            reason, _, field = str(error).partition(" - at `$.")
            raise SettingError(f"{environment_name(field.rstrip('`'))}: {reason}") from None
        if settings.trusted_proxy != "unix:" and not _is_network(settings.trusted_proxy):
            name = environment_name("trusted_proxy")
            raise SettingError(f"{name}: Expected a network such as 10.0.0.0/16, an address, or unix: for none")
        return settings

    @property
    def worker_count(self) -> int:
        """Workers to start, with 0 resolved to the CPUs that this process may use."""
        return self.workers or len(os.sched_getaffinity(0))

    @property
    def row_worker_count(self) -> int:
        """Workers that answer rows alone, so that hours of rows leave the others free for single texts."""
        return max(1, self.worker_count // 2)

    @property
    def patience_seconds(self) -> float:
        """How long a worker waits for an endpoint that classifies: for less than it may be silent."""
        return 0.8 * self.timeout_seconds

    @property
    def rows_bind(self) -> str:
        """Where the row workers listen."""
        return rows_address(self.bind)

    @property
    def cache_folder(self) -> Path:
        """The cache, with `~` resolved."""
        return Path(self.cache).expanduser()

    @property
    def references(self) -> list[str]:
        """The models to serve, the default one first."""
        return self.models.split(",")


def _is_network(value: str) -> bool:
    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return "." not in value.partition("/")[2]  # nginx knows no mask such as 255.255.0.0


def rows_address(address: str) -> str:
    """Return the address for rows beside one for everything else: rows.sock in the same folder, or the next port."""
    place, _, port = address.rpartition(":")
    if place == "unix":
        return f"unix:{Path(port).with_name('rows.sock')}"
    return f"{place}:{int(port) + 1}"


def environment_name(field: str) -> str:
    """Return the environment variable of a field, such as SENTIGRADE_PORT."""
    return PREFIX + field.upper()
