"""Jobs that are killed at any moment: the same command goes on, and nothing is lost and nothing is there twice."""

import os
import random
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import sleep

import pytest

from sentigrade.manifest import digest_of
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store
from tests.batch.files import files_in, outputs, write_reviews
from tests.batch.jobs import RunningJob, finished_job, kill, running_job, wait_until_gone
from tests.live import DEFAULT_MODEL

# Six jobs, one after the other, on a machine that does something else as well.
pytestmark = pytest.mark.timeout(300)
KILLS = 5
FILES, ROWS = 150, 200


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder, files=FILES, rows=ROWS)
    return folder


@pytest.fixture(scope="module")
def unbroken(reviews: Path, small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a job leaves that nobody killed."""
    sink = tmp_path_factory.mktemp("unbroken")
    finished_job(reviews, sink, environ={"SENTIGRADE_STORE": str(small_store)})
    return outputs(sink)


def killed_again_and_again(
    command: tuple[str | Path, ...],
    environ: dict[str, str],
    chunks_done: Callable[[], int],
    *,
    kills: int = KILLS,
    most_chunks: int,
) -> int:
    """Run a job that is killed within so many chunks, itself or one of its processes; return how often it was."""
    seed = random.randrange(2**32)  # noqa: S311 - no secret
    print(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311 - repeatable
    killed = 0
    for _ in range(kills):
        with running_job(*command, environ=environ) as job:
            _wait_for_chunks(job, chunks_done, chance.randint(1, most_chunks))
            sleep(chance.uniform(0, 0.02))  # anywhere in the writes of the next ones
            if job.is_over():
                break
            killed += 1
            _kill_one(job, chance)
    return killed


def _wait_for_chunks(job: RunningJob, chunks_done: Callable[[], int], count: int) -> None:
    """Wait until a job has done so many more chunks than there were, looking often: each takes but milliseconds."""
    wanted = chunks_done() + count
    while chunks_done() < wanted and not job.is_over():
        sleep(0.002)


def _kill_one(job: RunningJob, chance: random.Random) -> None:
    children = job.children()
    if children and chance.random() < 0.4:
        kill(chance.choice(children))
        status, said = job.end()
        # Where it had nothing left to do for the one that was killed, it may have ended well.
        assert status in {os.EX_TEMPFAIL, 0}, said
        assert status == 0 or "a process that scores was killed" in said
    else:
        kill(job.pid)
        assert job.end()[0] == -signal.SIGKILL
    wait_until_gone(children)


def chunks_in(sink: Objects) -> int:
    return sum(1 for _ in sink.list("_batch/done/"))


def outputs_in_s3(sink: Objects) -> dict[str, str]:
    """Return the sha256 of every file in a sink, by its name, but for what the job keeps for itself."""
    found: dict[str, str] = {}
    for stored in sink.list(""):
        if not stored.key.startswith("_batch/"):
            with sink.open(stored, block_bytes=1 << 20) as file:
                found[stored.key] = digest_of(file.read())
    return found


def test_on_a_disk_the_outputs_are_those_of_a_job_that_nobody_killed(
    reviews: Path, unbroken: dict[str, str], small_store: Path, tmp_path: Path
) -> None:
    command, environ = (reviews, tmp_path / "out"), {"SENTIGRADE_STORE": str(small_store)}
    chunks_done = partial(files_in, tmp_path / "out/_batch/done")
    assert killed_again_and_again(command, environ, chunks_done, most_chunks=FILES // (2 * KILLS)) >= 2
    rows = FILES * ROWS
    assert f"{rows:,} rows in = {rows:,} out + 0 aside" in finished_job(*command, environ=environ)
    assert outputs(tmp_path / "out") == unbroken
    assert sorted(path.name for path in (tmp_path / "out/_batch").iterdir() if path.is_file()) == [
        ".lock",
        "job.json",
        "summary.json",
    ]


def test_in_s3_the_outputs_are_those_of_a_job_that_nobody_killed(
    reviews: Path, unbroken: dict[str, str], small_store: Path, s3_address: str
) -> None:
    sink = open_store(f"{s3_address}/out")
    # Sixty files are enough where every write takes a while.
    command = (f"{reviews}/reviews-0[0-5]*.csv", f"{s3_address}/out")
    environ = {"SENTIGRADE_STORE": str(small_store)}
    assert killed_again_and_again(command, environ, partial(chunks_in, sink), most_chunks=60 // (2 * KILLS)) >= 2
    finished_job(*command, environ=environ)
    assert outputs_in_s3(sink) == {name: digest for name, digest in unbroken.items() if name < "reviews-060"}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_million_rows_from_s3_to_s3_survive_ten_kills_and_a_change_of_engine(tmp_path: Path, s3_address: str) -> None:
    write_reviews(tmp_path / "in", files=8, rows=125_000)
    source = open_store(f"{s3_address}/in")
    for path in (tmp_path / "in").iterdir():
        source.upload(path.name, path, lambda _count: None)
    sinks = {name: open_store(f"{s3_address}/{name}") for name in ("unbroken", "killed", "by-ray")}
    environ = {"SENTIGRADE_STORE": str(DEFAULT_MODEL.parents[1])}

    def command(sink: str) -> tuple[str, ...]:
        return f"{s3_address}/in", f"{s3_address}/{sink}"

    killed = killed_again_and_again(
        command("killed"), environ, partial(chunks_in, sinks["killed"]), kills=10, most_chunks=5
    )
    assert killed == 10
    for sink, options in (("unbroken", ()), ("killed", ()), ("by-ray", ("--engine", "ray"))):
        said = finished_job(*command(sink), *options, environ=environ, within=1800)
        print(said)
        assert "1,000,000 rows in = 1,000,000 out + 0 aside" in said
    found = {name: outputs_in_s3(sink) for name, sink in sinks.items()}
    print(*sorted(found["unbroken"].items()), sep="\n")
    assert found["unbroken"] == found["killed"] == found["by-ray"]


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_is_asked_to_stop_says_how_to_go_on(
    asked: signal.Signals, reviews: Path, small_store: Path, tmp_path: Path
) -> None:
    command, environ = (reviews, tmp_path / "out"), {"SENTIGRADE_STORE": str(small_store)}
    with running_job(*command, environ=environ) as job:
        job.wait_for_chunks(tmp_path / "out")
        job.process.send_signal(asked)
        status, said = job.end()
    assert status == 128 + asked
    assert said.endswith("sentigrade: stopped; run the same command again to go on\n")
    assert not (tmp_path / "out/_SUCCESS").exists()
