"""AWS on loopback, in a process of its own: moto's server with what its SageMaker lacks (tests/aws/simulated).

Endpoints take their time and have real containers of ours behind them, transform jobs score, training jobs learn; what
they read and write lies in the S3 server of the tests.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from tests.aws.simulated.plan import CONTROL_PATH, Plan, Refusal
from tests.live import REPOSITORY, call, free_port, wait_until
from tests.s3_server import S3Server

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/sentigrade"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/sentigrade@sha256:{'0' * 64}"


class AwsServer:
    """A running server; it does what it should until it is told otherwise."""

    def __init__(self, folder: Path, s3: S3Server) -> None:
        self.port = free_port()
        self.s3 = s3
        self._log = folder / "aws.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that lead boto3 to this server, and to that of S3."""
        address = f"http://127.0.0.1:{self.port}"
        return {
            **self.s3.environ(),
            "AWS_ENDPOINT_URL_SAGEMAKER": address,
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": address,
        }

    def tell(
        self,
        *,
        behind: int = 0,
        looks: int = 1,
        failures: Sequence[str] = (),
        left_as: str = "InService",
        refusals: Sequence[Refusal] = (),
    ) -> None:
        """Say how long things take from now on, and what goes wrong; without a word, nothing does."""
        plan = Plan(behind=behind, looks=looks, failures=list(failures), left_as=left_as, refusals=list(refusals))
        assert call(self.port, "POST", CONTROL_PATH, msgspec.json.encode(plan)).status == 200

    def start(self) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.aws.simulated.server", str(self.port)],
                cwd=REPOSITORY,
                env={**inherited, **self.s3.environ()},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._is_ready, "readiness of AWS")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(60)

    def _is_ready(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self._log.read_text()
        with suppress(ConnectionRefusedError):
            self.tell()
            return True
        return False


@contextmanager
def aws_server(folder: Path, s3: S3Server) -> Iterator[AwsServer]:
    """Run a server, and stop it in the end, whatever happens."""
    server = AwsServer(folder, s3)
    try:
        server.start()
        yield server
    finally:
        server.stop()
