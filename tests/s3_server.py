"""A real S3 server (SeaweedFS) on loopback, for the tests that store models in a bucket."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.live import free_port, wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "models"
REGION = "us-east-1"
_GRPC_OFFSET = 10_000  # each server listens on this much above its port as well


class S3Server:
    """A running server with a bucket `models` and two people: `publisher` may write, `reader` may only read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _port()
        self._others = {name: _port() for name in ("master", "volume", "filer")}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def store(self) -> str:
        """The address of a store in the bucket."""
        return f"s3://{BUCKET}"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environ(self, person: str = "publisher") -> dict[str, str]:
        """Return the environment variables that lead boto3 to this server, as one of its people."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": person,
            "AWS_SECRET_ACCESS_KEY": secret_of(person),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def credentials_file(self, person: str = "reader") -> Path:
        """Write a shared credentials file for one of its people, as a mounted secret would be."""
        path = self.folder / f"{person}.credentials"
        path.write_text(
            f"[default]\naws_access_key_id = {person}\naws_secret_access_key = {secret_of(person)}\n", encoding="ascii"
        )
        return path

    def start(self) -> None:
        """Start it, on the same port and with the same objects as before."""
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        people = self.folder / "s3.json"
        people.write_text(json.dumps(_PEOPLE))
        options: Mapping[str, object] = {
            "dir": data,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "filer": "true",
            "s3": "true",
            "s3.config": people,
            "s3.port": self.port,
            "s3.port.grpc": self.port + _GRPC_OFFSET,
            **{f"{name}.port": port for name, port in self._others.items()},
            **{f"{name}.port.grpc": port + _GRPC_OFFSET for name, port in self._others.items()},
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "master.telemetry": "false",
            "volume.max": 100,  # each bucket takes several
            "volume.minFreeSpace": "50MiB",  # its default, a hundredth of the disk, may be more than is free
        }
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    Path(sys.executable).with_name("weed"),
                    "server",
                    *(f"-{name}={value}" for name, value in options.items()),
                ],
                cwd=self.folder,
                env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._is_ready, "readiness of the S3 server")

    def kill(self) -> None:
        """End it at once, as a failing network would; it can be started again with its objects."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self.folder / "log").read_text()
        try:
            self._client().put_object(Bucket=BUCKET, Key="ready", Body=b"")  # an owner's first object makes the bucket
        except (BotoCoreError, ClientError):  # it answers before it can store
            return False
        return True

    def _client(self) -> "S3Client":
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="owner",
            aws_secret_access_key=secret_of("owner"),
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Run a server, and stop it in the end, whatever happens."""
    server = S3Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def secret_of(person: str) -> str:
    """Return the secret key of one of its people."""
    return f"the-secret-of-{person}"


def _port() -> int:
    """Return a free port whose neighbour for gRPC is none that the kernel gives to whoever connects."""
    while (port := free_port()) + _GRPC_OFFSET > 32_767:
        pass
    return port


_PEOPLE = {
    "identities": [
        {
            "name": person,
            "credentials": [{"accessKey": person, "secretKey": secret_of(person)}],
            "actions": actions,
        }
        for person, actions in {
            "owner": ["Admin"],
            "publisher": ["Read", "Write", "List"],
            "reader": [f"Read:{BUCKET}", f"List:{BUCKET}"],
        }.items()
    ]
}
