"""Chunks scored by Ray: on this machine, and on a cluster that loses a node."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

from tests.batch.files import outputs, write_reviews
from tests.batch.jobs import finished_job, running_job
from tests.live import free_port

# A cluster takes a while to start.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder, files=60, rows=500)
    (folder / "odd.jsonl").write_text('{"text": "fine"}\n{}\n')
    return folder


@pytest.fixture(scope="module")
def by_local_engine(reviews: Path, small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    sink = tmp_path_factory.mktemp("local")
    finished_job(reviews, sink, environ={"SENTIGRADE_STORE": str(small_store)})
    return outputs(sink)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Two nodes of a core each."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        cluster.add_node(num_cpus=1)
        yield cluster
    finally:
        cluster.shutdown()


def test_on_this_machine_the_outputs_are_those_of_the_local_engine(
    reviews: Path, by_local_engine: dict[str, str], small_store: Path, tmp_path: Path
) -> None:
    command = (reviews, tmp_path / "out", "--engine", "ray", "--processes", "2")
    assert "30,002 rows in = 30,001 out + 1 aside" in finished_job(
        *command, environ={"SENTIGRADE_STORE": str(small_store)}
    )
    assert outputs(tmp_path / "out") == by_local_engine


def test_a_cluster_that_loses_a_node_loses_no_row(
    reviews: Path, by_local_engine: dict[str, str], small_store: Path, tmp_path: Path, cluster: Cluster
) -> None:
    command = (reviews, tmp_path / "out", "--engine", "ray", "--address", cluster.address)
    with running_job(*command, environ={"SENTIGRADE_STORE": str(small_store)}) as job:
        job.wait_for_chunks(tmp_path / "out", 6)
        cluster.remove_node(cluster.list_all_nodes()[1], allow_graceful=False)
        status, said = job.end()
    assert status == 0, said
    assert "30,002 rows in = 30,001 out + 1 aside" in said
    assert outputs(tmp_path / "out") == by_local_engine


def test_a_job_that_one_engine_began_is_finished_by_the_other(
    reviews: Path, by_local_engine: dict[str, str], small_store: Path, tmp_path: Path
) -> None:
    with running_job(reviews, tmp_path / "out", environ={"SENTIGRADE_STORE": str(small_store)}) as job:
        job.wait_for_chunks(tmp_path / "out")
        job.process.terminate()
        assert job.end()[0] != 0
    finished_job(reviews, tmp_path / "out", "--engine", "ray", environ={"SENTIGRADE_STORE": str(small_store)})
    assert outputs(tmp_path / "out") == by_local_engine


def test_a_job_that_is_asked_to_stop_says_how_to_go_on(reviews: Path, small_store: Path, tmp_path: Path) -> None:
    command = (reviews, tmp_path / "out", "--engine", "ray", "--processes", "1")
    with running_job(*command, environ={"SENTIGRADE_STORE": str(small_store)}) as job:
        job.wait_for_chunks(tmp_path / "out")
        job.process.terminate()
        status, said = job.end()
    assert status == 128 + signal.SIGTERM
    assert "sentigrade: stopped; run the same command again to go on\n" in said


def test_a_cluster_that_is_not_there_is_an_error_of_one_line(reviews: Path, small_store: Path, tmp_path: Path) -> None:
    command = (reviews, tmp_path / "out", "--engine", "ray", "--address", f"127.0.0.1:{free_port()}")
    with running_job(*command, environ={"SENTIGRADE_STORE": str(small_store)}) as job:
        status, said = job.end()
    assert status == 1
    assert said.startswith("sentigrade: there is no Ray cluster at 127.0.0.1:")
    assert said.count("\n") == 1
