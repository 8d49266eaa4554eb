"""The bench of the peers, without their environments."""

import http.server
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from bench.asking import Contender, ask, require_same_answers
from bench.errors import BenchError
from bench.peers.roster import PEERS, mlserver
from sentigrade.answer import Answer
from tests.live import REPOSITORY

ANSWER = Answer(label="Positive", probabilities={"Positive": 1.0}, model="sentiment", version=1)


class Fixed(http.server.BaseHTTPRequestHandler):
    """Answers every POST with the same status and body."""

    def __init__(self, status: int, body: bytes, *arguments: object) -> None:
        self.status, self.body = status, body
        super().__init__(*arguments)  # type: ignore[arg-type]  # what the server hands on

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def answering(answer: object, status: int = 200) -> Iterator[int]:
    """The port of a server that always answers this."""
    handler = partial(Fixed, status, msgspec.json.encode(answer))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_status_other_than_200_is_no_answer_yet() -> None:
    with answering(ANSWER) as ready, answering(ANSWER, status=502) as starting:
        assert ask(ready, "text") == ANSWER
        assert ask(starting, "text") is None


def test_an_answer_of_another_shape_ends_the_bench() -> None:
    with answering({"sentiment": "good"}) as port, pytest.raises(BenchError, match="another shape"):
        ask(port, "text")


def test_a_peer_that_answers_differently_ends_the_bench() -> None:
    with answering(ANSWER) as ours, answering(msgspec.structs.replace(ANSWER, version=2)) as other:
        require_same_answers(Contender("ours", ours, ()), [Contender("twin", ours, ())], ["text"])
        with pytest.raises(BenchError, match="bentoml answers 'text' in another way"):
            require_same_answers(Contender("ours", ours, ()), [Contender("bentoml", other, ())], ["text"])


def test_peers_listen_on_loopback_only(tmp_path: Path) -> None:
    for name, command in PEERS.items():
        start = command(tmp_path, 4711)
        settings = "".join(file.read_text() for file in tmp_path.iterdir())
        app = (REPOSITORY / "bench" / "peers" / "apps" / f"{name}.py").read_text()
        assert "127.0.0.1" in f"{start.arguments} {settings} {app}"
        assert "0.0.0.0" not in f"{start.arguments} {settings} {app}"  # noqa: S104 - what must not be there


def test_bentoml_reports_nothing_to_its_makers(tmp_path: Path) -> None:
    assert PEERS["bentoml"](tmp_path, 4711).environ["BENTOML_DO_NOT_TRACK"] == "True"


def test_mlserver_infers_in_the_servers_own_process(tmp_path: Path) -> None:
    mlserver(tmp_path, 4711)
    settings = msgspec.json.decode((tmp_path / "settings.json").read_bytes())
    assert (settings["parallel_workers"], settings["http_port"]) == (0, 4711)


def test_without_the_peers_environments_the_bench_says_how_to_get_them(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'services'}"}
    command = [sys.executable, "-m", "bench.peers"]
    result = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line == "bench: the environment .venv-peers/litserve is missing: run `make bench-peers`"
