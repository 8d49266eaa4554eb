"""API keys on the real stack: both headers come through nginx, keys change while it serves, and none is ever logged."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TypeVar

import pytest
from openapi_spec_validator import validate

from bench.processes import children
from sentigrade.api_keys import add_key, remove_key
from sentigrade.client import Client
from sentigrade.errors import ServiceRefusal
from tests.end_to_end.error_shapes import require_refusal
from tests.end_to_end.stack import Stack, ready, started
from tests.end_to_end.test_schemathesis import schemathesis
from tests.live import REPOSITORY, Reply, call, exchange, predict, wait_until

OPEN = ["/", "/static/page.js", "/docs", "/openapi.json", "/health/live", "/health/ready", "/v2/health/ready", "/ping"]
# One of each shape of errors, rows, and the oldest way to send a text.
DOORS = ["/", "/v1/predict", "/v2/models/sentiment/infer", "/invocations"]
WORKERS = 2
READ_AGAIN = '"message":"keys read"'
BODY = b'{"mytext": "A warm film."}'

T = TypeVar("T")


class Guarded:
    """A stack, the file of its keys, and a key that stays valid."""

    def __init__(self, stack: Stack, file: Path, key: str) -> None:
        self.stack = stack
        self.port = stack.port
        self.file = file
        self.key = key

    def ask(self, key: str) -> Reply:
        return call(self.port, "GET", "/v1/models", headers={"X-API-Key": key})

    def takes(self, key: str) -> bool:
        """Whether every worker takes a key: so many calls at once keep all of them busy."""
        with ThreadPoolExecutor(WORKERS * 2) as callers:
            statuses = {reply.status for reply in callers.map(self.ask, [key] * 8)}
        assert len(statuses) == 1, statuses
        return statuses == {200}

    def after(self, change: Callable[[], T]) -> T:
        """Change the file, and wait until the master and each worker for single requests have read it again."""
        before = self.stack.output.count(READ_AGAIN)
        result = change()

        def is_read_again() -> bool:
            self.takes(self.key)
            return self.stack.output.count(READ_AGAIN) >= before + WORKERS + 1

        wait_until(is_read_again, "reading the keys again")
        return result

    def logged(self) -> str:
        return self.stack.output + (self.stack.state / "nginx" / "run" / "access.log").read_text()


@contextmanager
def guarded_stack(folder: Path, **settings: str) -> Iterator[Guarded]:
    file = folder / "keys"
    key = add_key(file, "alice")
    with ready(folder, SENTIGRADE_API_KEYS=str(file), **settings) as stack:
        yield Guarded(stack, file, key)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A stack that answers whoever has a key. Leave alice's in the file."""
    with guarded_stack(tmp_path_factory.mktemp("guarded")) as running:
        yield running


@pytest.mark.parametrize("path", OPEN)
def test_what_everyone_may_see_is_open(guarded: Guarded, path: str) -> None:
    assert call(guarded.port, "GET", path).status == 200


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "sg_wrong"}, {"Authorization": "Bearer sg_wrong"}])
@pytest.mark.parametrize("path", DOORS)
def test_a_text_without_a_key_is_refused_in_the_shape_of_its_path(
    guarded: Guarded, path: str, headers: dict[str, str]
) -> None:
    for content_type in ("application/json", "text/csv"):
        reply = call(guarded.port, "POST", path, BODY, {"Content-Type": content_type, **headers})
        require_refusal(reply, path, 401)
        given = ', error="invalid_token"' if headers else ""
        assert reply.headers["WWW-Authenticate"] == f'Bearer realm="Sentigrade"{given}'
        assert b"sg_wrong" not in reply.body


@pytest.mark.parametrize("path", ["/v1/models", "/v2", "/models", "/nowhere", "/?text=a"])
def test_what_is_not_open_needs_a_key_even_where_nothing_is(guarded: Guarded, path: str) -> None:
    require_refusal(call(guarded.port, "GET", path), path, 401)


def test_metrics_stay_inside(guarded: Guarded) -> None:
    assert call(guarded.port, "GET", "/metrics", headers={"X-API-Key": guarded.key}).status == 404


def test_nginx_passes_both_headers_on(guarded: Guarded) -> None:
    for headers in ({"X-API-Key": guarded.key}, {"Authorization": f"Bearer {guarded.key}"}):
        assert call(guarded.port, "POST", "/v1/predict", BODY, headers).json["label"] == "Positive"
        rows = {"Content-Type": "text/csv", **headers}
        assert call(guarded.port, "POST", "/v1/predict", b"text\nA warm film.\n", rows).status == 200


def test_a_request_that_gunicorn_reads_needs_a_key_as_well(guarded: Guarded) -> None:
    """One with a header that comes twice and one with another method are not of the plain form."""
    twice = f"X-API-Key: {guarded.key}\r\n" * 2
    request = f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{twice}\r\n"
    assert exchange(guarded.port, request.encode()).status == 401
    for header, status in (("", 401), (f"X-API-Key: {guarded.key}\r\n", 200)):
        line = f"OPTIONS /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n"
        assert exchange(guarded.port, line.encode()).status == status


def test_a_body_that_is_handed_on_to_the_workers_for_rows_needs_a_key_there(guarded: Guarded) -> None:
    body = {"mytext": ["A warm film." + " " * 1_000] * 1_000}
    require_refusal(call(guarded.port, "POST", "/v1/predict", body), "/v1/predict", 401)
    reply = call(guarded.port, "POST", "/v1/predict", body, {"X-API-Key": guarded.key})
    assert (reply.status, len(reply.json["answers"])) == (200, 1_000)


def test_the_client_is_answered_with_its_key_and_told_without(guarded: Guarded, tmp_path: Path) -> None:
    source = tmp_path / "rows.txt"
    source.write_text("A warm film.\nAn utter bore.\n")
    url = f"http://127.0.0.1:{guarded.port}"
    with Client(url, api_key=guarded.key) as client:
        assert client.predict("A warm film.").label == "Positive"
        assert len(list(client.predict_rows(source))) == 2
    with Client(url) as client, pytest.raises(ServiceRefusal, match=r"An API key is needed here.*401 unauthorized"):
        client.predict("A warm film.")


def test_keys_change_without_a_restart_and_without_a_lost_request(guarded: Guarded) -> None:
    """A caller goes from one key to the next while another one calls on."""
    master = guarded.stack.gunicorn()
    done = Event()
    with ThreadPoolExecutor(1) as caller:
        statuses = caller.submit(lambda: [guarded.ask(guarded.key).status for _ in iter(done.is_set, True)])
        try:
            old = guarded.after(lambda: add_key(guarded.file, "bob"))
            assert guarded.takes(old)
            new = guarded.after(lambda: add_key(guarded.file, "bob-2"))
            assert guarded.takes(old)
            assert guarded.takes(new)
            guarded.after(lambda: remove_key(guarded.file, "bob"))
            assert not guarded.takes(old)
            assert guarded.takes(new)
        finally:
            done.set()
        assert set(statuses.result()) == {200}
    assert guarded.stack.gunicorn() == master


def test_a_file_that_has_become_bad_leaves_the_keys_as_they_were(tmp_path: Path) -> None:
    with guarded_stack(tmp_path) as guarded:
        content = guarded.file.read_bytes()
        guarded.file.write_text("sg_Zq")

        def is_told() -> bool:
            assert guarded.takes(guarded.key)
            assert not guarded.takes("sg_Zq")
            return "keys not read" in guarded.stack.output

        wait_until(is_told, "the fault in the log")
        assert "line 1 is not NAME sha256:HEXDIGEST" in guarded.stack.output
        assert "Zq" not in guarded.stack.output
        guarded.after(lambda: guarded.file.write_bytes(content))
        assert guarded.takes(guarded.after(lambda: add_key(guarded.file, "bob")))


def test_a_removed_key_does_not_come_back_with_a_new_worker_while_the_file_is_bad(tmp_path: Path) -> None:
    with guarded_stack(tmp_path) as guarded:
        removed = guarded.after(lambda: add_key(guarded.file, "bob"))
        guarded.after(lambda: remove_key(guarded.file, "bob"))
        guarded.file.write_text("sg_Zq")
        master = guarded.stack.gunicorn()
        before = set(children(master))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(set(children(master)) - before) == len(before), "new workers")
        wait_until(lambda: guarded.takes(guarded.key), "new workers that answer")
        assert not guarded.takes(removed)


@pytest.mark.parametrize("content", [None, "", "alice sg_Zq\n"])
def test_without_a_key_that_can_be_read_nothing_listens(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "keys").write_text(content)
    with started(tmp_path, SENTIGRADE_API_KEYS=str(tmp_path / "keys")) as stack:
        assert stack.exit_status() == 1
    assert "SENTIGRADE_API_KEYS: " in stack.output
    assert "Listening at" not in stack.output
    assert "Zq" not in stack.output


def test_the_document_of_a_guarded_service_is_valid_and_says_so(guarded: Guarded) -> None:
    document = call(guarded.port, "GET", "/openapi.json").json
    validate(document)
    assert document["paths"]["/v1/predict"]["post"]["security"] == [{"bearer": []}, {"header": []}]


@pytest.mark.timeout(300)
def test_schemathesis_finds_nothing_and_no_operation_that_forgets_its_key(guarded: Guarded, tmp_path: Path) -> None:
    header = f"--header=Authorization: Bearer {guarded.key}"
    document = f"http://127.0.0.1:{guarded.port}/openapi.json"
    run = schemathesis(tmp_path, document, header, "--phases=examples,coverage")
    assert run.returncode == 0, run.stdout


def test_the_documented_call_is_answered_with_the_key_and_refused_without(guarded: Guarded) -> None:
    page = (REPOSITORY / "docs" / "http.md").read_text().partition("## API keys")[2]
    (command,) = re.findall(r"```sh\n(curl .*?)\n```", page, re.DOTALL)
    command = command.replace("localhost:1337", f"localhost:{guarded.port}").replace("curl ", "curl --silent --fail ")
    for key, status in ((guarded.key, 0), ("", 22)):
        environ = {**os.environ, "MY_SENTIGRADE_KEY": key}
        assert subprocess.run(["sh", "-c", command], env=environ, capture_output=True, check=False).returncode == status


def test_no_key_is_ever_logged(tmp_path: Path) -> None:
    with guarded_stack(tmp_path, SENTIGRADE_LOG_LEVEL="debug") as guarded:
        for key in (guarded.key, "sg_Zq-wrong"):
            for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
                for path in (*DOORS, "/nowhere", f"/v1/predict?text={'a' * 9000}"):
                    call(guarded.port, "POST", path, BODY, headers)
            rows = {"Content-Type": "text/csv", "X-API-Key": key}
            call(guarded.port, "POST", "/v1/predict", b"text\nA film.\n", rows)
            unreadable = f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\x01\r\n\r\n"
            exchange(guarded.port, unreadable.encode())
        assert predict(guarded.port, "A warm film.").status == 401
        logged = guarded.logged()
    assert '"key":"alice"' in logged
    assert guarded.key not in logged
    assert "Zq" not in logged
    assert {json.loads(line)["status"] for line in logged.splitlines() if '"sentigrade.access"' in line} >= {200, 401}
