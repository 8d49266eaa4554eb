"""Batch jobs in the container that Compose runs: what they read and write, as whom, and how they go on."""

import csv
import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest

from sentigrade.store.opening import open_store
from tests.batch.files import outputs, write_reviews
from tests.compose.conftest import Project
from tests.live import REPOSITORY, wait_until
from tests.s3_server import S3Server

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

USER = 10001
# So many that there is time to kill a job in the middle.
MANY_ROWS = 400_000
# The S3 server listens on this host's loopback.
ON_LOOPBACK = "services: {batch: {network_mode: host}}\n"


class Batch(Project):
    """A project for its profile `batch` alone, with a folder of its own as /data."""

    def __init__(self, name: str, folder: Path, s3: S3Server) -> None:
        super().__init__(name)
        self.data = folder / "data"
        self.data.mkdir()
        self._override, self._settings = folder / "override.yml", folder / "settings"
        self._override.write_text(ON_LOOPBACK)
        settings = {
            "SENTIGRADE_BATCH_FOLDER": self.data,
            "SENTIGRADE_AWS_CREDENTIALS": s3.credentials_file("publisher"),
            "AWS_ENDPOINT_URL_S3": s3.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        self._settings.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def compose(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        files = ("--file", str(REPOSITORY / "docker-compose.yml"), "--file", str(self._override))
        settings = ("--env-file", str(self._settings))
        return super().compose(*settings, *files, "--profile", "batch", *arguments, check=check)

    def new_sink(self) -> str:
        """Make a folder that belongs to the container's user, and return what the container calls it."""
        sink = self.data / f"scored-{uuid4().hex[:8]}"
        sink.mkdir()
        os.chown(sink, USER, USER)
        return f"/data/{sink.name}"

    def outside(self, path: str) -> Path:
        """Return what this host calls a path of the container."""
        return self.data / Path(path).relative_to("/data")

    def score(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a job to its end."""
        return self.run("batch", *arguments, "--model", "sentiment")


class RunningJob:
    """A job in a container that runs by itself."""

    def __init__(self, batch: Batch, source: str, sink: str) -> None:
        self.name = f"{batch.name}-{uuid4().hex[:8]}"
        self._batch = batch
        self._done = batch.outside(sink) / "_batch" / "done"
        batch.compose("run", "--detach", "--name", self.name, "batch", source, sink, "--model", "sentiment")

    @property
    def container(self) -> Any:  # noqa: ANN401 - Docker's JSON
        return json.loads(self._batch.docker("inspect", self.name).stdout)[0]

    def wait_until_it_scores(self) -> None:
        wait_until(lambda: self._done.is_dir() and len([*self._done.iterdir()]) > 2, "the first chunks")

    def end(self, *command: str) -> tuple[int, str]:
        """End it with a command of Docker; return its status and what it said."""
        self._batch.docker(*command, self.name)
        self._batch.docker("wait", self.name)
        result = self._batch.docker("logs", self.name)
        status = self.container["State"]["ExitCode"]
        self._batch.docker("rm", self.name)
        return status, result.stdout + result.stderr


@pytest.fixture(scope="module")
def batch(s3_of_all: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    batch = Batch(f"batch-{os.getpid()}", tmp_path_factory.mktemp("batch"), s3_of_all)
    try:
        batch.compose("build", "batch")
        yield batch
    finally:
        batch.compose("down", "--volumes", "--rmi", "local", "--timeout", "1", check=False)


@pytest.fixture(scope="module")
def reviews(batch: Batch) -> str:
    """Two small files."""
    write_reviews(batch.data / "reviews", files=2, rows=60)
    return "/data/reviews"


@pytest.fixture(scope="module")
def packed(batch: Batch, reviews: str) -> str:
    """One of the files, compressed: it is unpacked on the volume."""
    raw = (batch.outside(reviews) / "reviews-000.csv").read_bytes()
    (batch.data / "packed").mkdir()
    (batch.data / "packed" / "reviews.csv.gz").write_bytes(gzip.compress(raw))
    return "/data/packed"


@pytest.fixture(scope="module")
def many(batch: Batch) -> str:
    """A file that takes a while."""
    write_reviews(batch.data / "many", files=1, rows=MANY_ROWS)
    return "/data/many"


@pytest.fixture(scope="module")
def unbroken(batch: Batch, many: str) -> dict[str, str]:
    """What the job of many rows leaves that nobody ends before its time."""
    sink = batch.new_sink()
    result = batch.score(many, sink)
    assert result.returncode == 0, result.stderr
    return outputs(batch.outside(sink))


def test_up_does_not_start_it(batch: Batch) -> None:
    services = batch.docker("compose", "config", "--services").stdout.split()
    assert {"web", "nginx"} <= set(services)
    assert "batch" not in services


def test_files_of_the_mounted_folder_are_scored_into_it(batch: Batch, reviews: str) -> None:
    sink = batch.new_sink()
    result = batch.score(reviews, sink)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("2 files, 120 rows in = 120 out + 0 aside")
    folder = batch.outside(sink)
    assert {*outputs(folder)} == {"_SUCCESS", "reviews-000.csv", "reviews-001.csv"}
    rows = list(csv.DictReader((folder / "reviews-001.csv").read_text().splitlines()))
    assert [row["id"] for row in rows] == [f"1-{number}" for number in range(60)]
    assert {(row["model"], row["label"] != "") for row in rows} == {("sentiment", True)}
    assert {path.stat().st_uid for path in folder.rglob("*")} == {USER}


def test_files_go_from_s3_to_s3(batch: Batch, reviews: str, s3: S3Server) -> None:
    root = f"{s3.store}/{uuid4().hex}"
    source = open_store(f"{root}/reviews")
    for path in batch.outside(reviews).iterdir():
        source.write(path.name, path.read_bytes(), over=None)
    result = batch.score(f"{root}/reviews/*.csv", f"{root}/scored")
    assert result.returncode == 0, result.stderr
    local = batch.new_sink()
    assert batch.score(f"{reviews}/*.csv", local).returncode == 0
    for name in ("reviews-000.csv", "reviews-001.csv"):
        written = open_store(f"{root}/scored").read(name, at_most=1 << 20)
        assert written
        assert written.raw == (batch.outside(local) / name).read_bytes()


def test_a_compressed_file_is_unpacked_where_there_is_room(batch: Batch, packed: str) -> None:
    sink = batch.new_sink()
    result = batch.score(packed, sink)
    assert result.returncode == 0, result.stderr
    scored = gzip.decompress((batch.outside(sink) / "reviews.csv.gz").read_bytes())
    assert len(scored.splitlines()) == 1 + 60


def test_a_container_that_was_killed_goes_on_in_another(batch: Batch, many: str, unbroken: dict[str, str]) -> None:
    sink = batch.new_sink()
    job = RunningJob(batch, many, sink)
    job.wait_until_it_scores()
    status, _ = job.end("kill")
    assert status == 128 + 9
    assert not (batch.outside(sink) / "_SUCCESS").exists()
    result = batch.score(many, sink)
    assert result.returncode == 0, result.stderr
    assert outputs(batch.outside(sink)) == unbroken


def test_a_container_that_is_stopped_says_how_to_go_on(batch: Batch, many: str, unbroken: dict[str, str]) -> None:
    sink = batch.new_sink()
    job = RunningJob(batch, many, sink)
    job.wait_until_it_scores()
    begun = monotonic()
    status, said = job.end("stop", "--time", "30")
    assert monotonic() - begun < 10
    assert status == 128 + 15
    assert "run the same command again to go on" in said
    assert batch.score(many, sink).returncode == 0
    assert outputs(batch.outside(sink)) == unbroken
    again = batch.score(many, sink)
    assert again.returncode == 0
    assert again.stdout.splitlines()[0].endswith(", done before")


def test_it_is_an_ordinary_user_without_capabilities_and_with_bounds(batch: Batch, many: str) -> None:
    job = RunningJob(batch, many, batch.new_sink())
    job.wait_until_it_scores()
    read = "cat /proc/[0-9]*/status; touch /srv/x"
    inside = batch.docker("exec", job.name, "sh", "-c", read, check=False)
    lines = [line.split() for line in inside.stdout.splitlines()]
    container = job.container
    job.end("kill")
    assert {uid for name, *values in lines if name == "Uid:" for uid in values} == {str(USER)}
    assert {int(values[0], 16) for name, *values in lines if name in ("CapEff:", "CapPrm:", "CapBnd:")} == {0}
    assert {values[0] for name, *values in lines if name == "NoNewPrivs:"} == {"1"}
    assert "Read-only file system" in inside.stderr
    assert container["HostConfig"]["RestartPolicy"]["Name"] == "no"
    assert container["HostConfig"]["Memory"] > 0
    assert container["HostConfig"]["PidsLimit"] > 0
    assert {mount["Destination"]: mount["Type"] for mount in container["Mounts"]}["/var/cache/sentigrade"] == "volume"


def test_a_sink_that_it_may_not_write_to_is_named(batch: Batch, reviews: str) -> None:
    result = batch.score(reviews, "/data/scored")
    assert result.returncode == 1
    assert "/data/scored" in result.stderr
    assert "Permission denied" in result.stderr


def test_a_format_that_needs_the_extra_says_so(batch: Batch) -> None:
    (batch.data / "arrow").mkdir()
    (batch.data / "arrow" / "reviews.parquet").write_bytes(b"PAR1")
    result = batch.score("/data/arrow", batch.new_sink())
    assert result.returncode == 1
    assert 'needs the extra "batch"' in result.stderr


@pytest.mark.parametrize(("capabilities", "user"), [(["--cap-drop", "ALL"], 0), ([], USER)], ids=["without", "with"])
def test_root_gives_away_its_volume_and_steps_down_where_it_has_the_capability(
    batch: Batch, packed: str, capabilities: list[str], user: int
) -> None:
    """As on Fargate, whose volumes are root's."""
    sink = batch.new_sink()
    if user == 0:  # root without capabilities may write only where root may
        os.chown(batch.outside(sink), 0, 0)
    volume = [
        "--read-only",
        "--volume",
        "/spool",
        "--env",
        "SENTIGRADE_SPOOL=/spool",
        "--env",
        "SENTIGRADE_CACHE=/spool",
    ]
    mounted = ["--env", "TMPDIR=/spool", "--volume", f"{batch.data}:/data", f"{batch.name}-batch"]
    line = ["batch", packed, sink, "--model", "sentiment"]
    batch.docker("run", "--rm", "--user", "0", *capabilities, *volume, *mounted, *line)
    assert {path.stat().st_uid for path in batch.outside(sink).rglob("*")} == {user}
