"""A new server takes the place of one that runs, at the same address: nobody who asks notices."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from sentigrade.local_stack import Nginx
from sentigrade.settings import Settings
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import publish
from tests.end_to_end.crowd import Crowd
from tests.end_to_end.rows import NDJSON, ndjson, post_rows
from tests.environment import set_variables
from tests.live import DEFAULT_MODEL, REPOSITORY, call, free_port, predict, wait_until
from tests.s3_server import s3_server

ROUNDS = 4
ROWS = 20_000


class Server:
    """`sentigrade serve` as a process of its own, which can be ended like a container."""

    def __init__(self, log: Path, bind: str, settings: dict[str, str]) -> None:
        self._log = log
        own = {name: value for name, value in os.environ.items() if not name.startswith("SENTIGRADE_")}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sentigrade", "serve"],
                cwd=REPOSITORY,
                env={**own, "SENTIGRADE_BIND": bind, "SENTIGRADE_WORKERS": "2", **settings},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def has_taken_over(self) -> bool:
        """Whether it has both addresses, or had them."""
        return self.output.count('"message":"listening"') >= 2

    def wait_until_it_has_taken_over(self) -> Self:
        wait_until(lambda: self.has_taken_over, "taking over")
        return self

    def stop(self) -> None:
        """Stop it as an operator does: what it has accepted is answered first."""
        self.process.terminate()
        assert self.process.wait(60) == 0, self.output

    def kill(self) -> None:
        """Kill it with all its workers, and take away its notes in memory, as the end of a container does."""
        if self.process.poll() is None:
            notes = re.findall(r"/\S+/sentigrade-\w+(?=/)", Path(f"/proc/{self.process.pid}/maps").read_text())
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            for folder in set(notes):
                shutil.rmtree(folder, ignore_errors=True)


class Host:
    """One nginx, and the servers that take each other's place behind it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.folder = folder
        self.upstream = f"unix:{folder}/web.sock"
        self.servers: list[Server] = []

    def start(self, **settings: str) -> Server:
        log = self.folder / f"{len(self.servers)}.log"
        self.servers.append(Server(log, self.upstream, settings))
        return self.servers[-1]

    def names(self) -> set[str]:
        """What lies in the folder of the sockets, beside logs and folders."""
        return {path.name for path in self.folder.iterdir() if path.is_socket()}


@contextmanager
def host_in(folder: Path) -> Iterator[Host]:
    host = Host(folder, free_port())
    settings = Settings(port=host.port)
    try:
        with Nginx(settings, host.upstream, configuration=REPOSITORY / "nginx", state=folder / "nginx"):
            yield host
    finally:
        for server in host.servers:
            server.kill()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with host_in(tmp_path) as running:
        yield running


@pytest.fixture
def old(host: Host) -> Server:
    server = host.start().wait_until_it_has_taken_over()
    wait_until(lambda: call(host.port, "GET", "/health/ready").status == 200, "readiness")
    return server


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with the default model as version 1."""
    publish(open_store(str(tmp_path / "store"), create=True), DEFAULT_MODEL)
    return tmp_path / "store"


@pytest.mark.parametrize("keeps_alive", [True, False], ids=["kept-alive", "a-connection-each"])
def test_a_server_is_replaced_again_and_again_without_a_lost_request(
    host: Host, old: Server, keeps_alive: bool
) -> None:
    with Crowd(host.port, keeps_alive=keeps_alive) as crowd:
        for _ in range(ROUNDS):
            new = host.start().wait_until_it_has_taken_over()
            old.stop()
            crowd.go_on()
            old = new
    print(f"{len(crowd.answered):,} requests, {ROUNDS} replacements")
    old.stop()
    assert host.names() == set()


@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stopped", "killed"])
def test_what_waits_for_the_old_server_when_it_ends_is_answered(
    host: Host, old: Server, end: Callable[[Server], None]
) -> None:
    """So many ask at once that its queue is never empty."""
    new = host.start()
    with Crowd(host.port, callers=16) as crowd:
        new.wait_until_it_has_taken_over()
        end(old)
        crowd.go_on()
    assert "Traceback" not in new.output


def test_rows_that_the_old_server_has_begun_are_all_answered(host: Host, old: Server) -> None:
    new = host.start()
    with ThreadPoolExecutor(1) as callers:
        answer = callers.submit(post_rows, host.port, ndjson(ROWS), NDJSON)
        new.wait_until_it_has_taken_over()
        old.stop()
        assert answer.result().body.count(b"\n") == ROWS


def test_the_new_server_answers_with_what_it_was_given(host: Host, old: Server, store: Path) -> None:
    objects = open_store(str(store))
    for _ in range(9):
        publish(objects, DEFAULT_MODEL)
    host.start(SENTIGRADE_STORE=str(store), SENTIGRADE_MODELS="sentiment@10").wait_until_it_has_taken_over()
    assert predict(host.port, "A fine film.").json["version"] == 10


def test_a_server_with_a_bad_model_takes_nothing_over(host: Host, old: Server, store: Path) -> None:
    (store / "sentiment" / "1" / "model.joblib").write_bytes(b"nothing of the kind")
    with Crowd(host.port) as crowd:
        assert host.start(SENTIGRADE_STORE=str(store)).process.wait(60) == os.EX_DATAERR
        crowd.go_on()
    assert old.process.poll() is None


@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stopped", "killed"])
def test_a_server_that_ends_before_it_is_ready_has_taken_nothing_over(
    host: Host, old: Server, end: Callable[[Server], None], tmp_path: Path
) -> None:
    with Crowd(host.port) as crowd:
        new = host.start(**store_away(tmp_path))
        wait_until(lambda: "Booting worker" in new.output, "workers that are not ready")
        crowd.go_on()
        end(new)
        crowd.go_on()
    assert not new.has_taken_over
    assert call(host.port, "GET", "/health/ready").status == 200


def test_a_server_whose_store_comes_back_takes_over_then(
    host: Host, old: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server(tmp_path / "s3") as s3:
        set_variables(monkeypatch, s3.environ())
        publish(open_store(s3.store), DEFAULT_MODEL)
        s3.kill()
        new = host.start(SENTIGRADE_STORE=s3.store, SENTIGRADE_CACHE=str(tmp_path / "cache"), **s3.environ("reader"))
        with Crowd(host.port) as crowd:
            wait_until(lambda: "Booting worker" in new.output, "workers that are not ready")
            crowd.go_on()
            assert not new.has_taken_over
            s3.start()
            new.wait_until_it_has_taken_over()
            old.stop()
            crowd.go_on()


def test_the_old_server_answers_again_when_its_successor_dies(host: Host, old: Server) -> None:
    new = host.start().wait_until_it_has_taken_over()
    new.kill()
    wait_until(lambda: predict(host.port, "A fine film.").status == 200, "an answer")
    assert old.output.count('"message":"listening"') == 4  # both addresses, twice


def test_a_server_that_waits_says_so_when_the_old_one_goes(host: Host, old: Server, tmp_path: Path) -> None:
    new = host.start(**store_away(tmp_path))
    wait_until(lambda: "Booting worker" in new.output, "workers that are not ready")
    old.stop()
    new.wait_until_it_has_taken_over()
    reply = predict(host.port, "A fine film.")
    assert (reply.status, reply.json["code"]) == (503, "not_ready")


def store_away(folder: Path) -> dict[str, str]:
    """Settings with a store that nobody answers for."""
    return {
        "SENTIGRADE_STORE": "s3://nowhere",
        "SENTIGRADE_CACHE": str(folder / "empty"),
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{free_port()}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
    }
