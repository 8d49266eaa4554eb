"""Containers as SageMaker starts them, here processes: our own image's `serve`, with an unpacked archive and a port."""

import hashlib
import http.client
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import ClientError

from tests.live import REPOSITORY, Reply, call, free_port, wait_until

_PING_SECONDS = 60
_OPT_ML = "/opt/ml"


class UnhealthyError(Exception):
    """A container that never answered a ping, or an archive that could not be had; the message is AWS's."""


class Container(NamedTuple):
    """A process that answers on a port."""

    port: int
    process: "subprocess.Popen[bytes]"

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        return call(self.port, "POST", "/invocations", body, headers)

    def answers(self) -> bool:
        """Whether a ping is answered, or will never be."""
        if self.process.poll() is not None:
            return True
        with suppress(OSError, http.client.HTTPException):
            return call(self.port, "GET", "/ping").status == 200
        return False


class Containers:
    """All containers that were started: what is the same is started once."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sentigrade-containers-"))
        self._started: dict[str, Container] = {}
        self._lock = threading.Lock()

    def start(self, definition: Mapping[str, Any]) -> Container:
        """Start what a model of SageMaker's says; raises UnhealthyError."""
        archive = _read(definition["ModelDataUrl"])
        environment: Mapping[str, str] = definition.get("Environment") or {}
        key = hashlib.sha256(archive + repr(sorted(environment.items())).encode()).hexdigest()
        with self._lock:
            found = self._started.get(key)
            if found and found.process.poll() is None:
                return found
            container = self._run(self._folder / key, archive, environment)
            self._started[key] = container
            return container

    def stop(self) -> None:
        for container in self._started.values():
            container.process.terminate()
        for container in self._started.values():
            container.process.wait(30)
        shutil.rmtree(self._folder)

    def _run(self, root: Path, archive: bytes, environment: Mapping[str, str]) -> Container:
        (root / "model").mkdir(parents=True, exist_ok=True)
        try:
            with tarfile.open(fileobj=io.BytesIO(archive)) as members:
                members.extractall(root / "model", filter="data")
        except tarfile.TarError:
            raise UnhealthyError("Failed to extract model data archive from URL.") from None
        port = free_port()
        # A container has an /opt/ml and a port of its own.
        told = {name: value.replace(_OPT_ML, str(root)) for name, value in environment.items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SENTIGRADE_", "AWS_"))}
        with (root / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sentigrade", "sagemaker", "--root", str(root), "serve"],
                cwd=REPOSITORY,
                env={**inherited, **told, "SAGEMAKER_BIND_TO_PORT": str(port), "HOME": str(root)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        container = Container(port, process)
        wait_until(container.answers, "an answer to a ping", _PING_SECONDS)
        if process.poll() is not None:
            raise UnhealthyError(
                "The primary container for production variant all did not pass the ping health check. "
                "Please check CloudWatch logs for this endpoint."
            )
        return container


def _read(address: str) -> bytes:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    try:
        content: bytes = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError:
        raise UnhealthyError(f"Could not access model data at {address}.") from None
    return content


CONTAINERS = Containers()
