"""nginx in front of upstreams of our own: what it passes on, and what it says when nobody is there."""

import json
import re
import socket
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sentigrade.local_stack import Nginx
from sentigrade.settings import Settings
from sentigrade.web.plain_request import environ_of
from tests.end_to_end.callers import ask
from tests.live import PROBLEM, REPOSITORY, call, exchange, free_port, wait_until

PRIVATE_TEXT = "nobody-may-read-this"
ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it got."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-ID", "the upstream's")
        self.send_header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def nginx_before(upstream: str, state: Path, trusted_proxy: str = Settings().trusted_proxy) -> Nginx:
    settings = Settings(port=free_port(), trusted_proxy=trusted_proxy)
    return Nginx(settings, upstream, configuration=REPOSITORY / "nginx", state=state)


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """The address of a server that echoes headers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def echo(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx before it."""
    with nginx_before(upstream, tmp_path_factory.mktemp("echo")) as nginx:
        yield nginx.port


@pytest.fixture(scope="module")
def balanced(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of one that stands behind a load balancer on 127.0.0.1."""
    with nginx_before(upstream, tmp_path_factory.mktemp("balanced"), trusted_proxy="127.0.0.1/32") as nginx:
        yield nginx.port


@pytest.fixture
def deserted(tmp_path: Path) -> Iterator[int]:
    """The port of an nginx before a socket that does not exist."""
    with nginx_before(f"unix:{tmp_path}/nobody.sock", tmp_path) as nginx:
        yield nginx.port


def test_the_upstream_learns_who_called_and_how(echo: int) -> None:
    passed = call(echo, "GET", "/", headers={"X-Request-ID": "seven", "traceparent": "00-1-2-01"}).json
    assert passed["Host"] == passed["X-Forwarded-Host"] == f"127.0.0.1:{echo}"
    assert passed["X-Forwarded-For"] == "127.0.0.1"
    assert passed["X-Forwarded-Proto"] == "http"
    assert passed["X-Request-ID"] == "seven"
    assert passed["traceparent"] == "00-1-2-01"


def test_what_a_caller_claims_about_itself_is_not_passed_on(echo: int) -> None:
    claims = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    claims |= {"X-Instance": "another", "X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "https"}
    assert claims.items().isdisjoint(call(echo, "GET", "/", headers=claims).json.items())


@pytest.mark.parametrize(
    ("address", "claims", "scheme"),
    [
        ("127.0.0.1", {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}, "https"),
        ("127.0.0.1", {"X-Forwarded-For": "2001:db8::7", "X-Forwarded-Proto": "https"}, "https"),
        ("127.0.0.1", {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "gopher"}, "http"),
        ("127.0.0.1", {"X-Forwarded-For": "198.51.100.7"}, "http"),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, "http"),
        ("127.0.0.2", {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}, "http"),
    ],
)
def test_only_the_load_balancer_is_believed_how_the_caller_came(
    balanced: int, address: str, claims: dict[str, str], scheme: str
) -> None:
    passed = ask(balanced, address, headers=claims).json
    caller = claims.get("X-Forwarded-For", address) if address == "127.0.0.1" else address
    assert (passed["X-Forwarded-For"], passed["X-Forwarded-Proto"]) == (caller, scheme)


def passed_on(folder: Path, name: str, path: str, headers: Mapping[str, str]) -> bytes:
    """Return what a worker that listens on the socket `name` gets when a caller posts a text."""
    received: list[bytes] = []

    def answer_once(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            received.append(connection.recv(65_536))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/{name}")
        listening.listen()
        thread = Thread(target=answer_once, args=(listening,))
        thread.start()
        with nginx_before(f"unix:{folder}/web.sock", folder) as nginx:
            call(nginx.port, "POST", path, b'{"mytext": "A gem."}', headers)
            thread.join()
    return received[0]


def test_what_nginx_passes_on_has_the_plain_form(tmp_path: Path) -> None:
    environ = environ_of(passed_on(tmp_path, "web.sock", "/v1/predict?a=b", {}), multiprocess=True)
    assert environ is not None
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == ("/v1/predict", "a=b")
    assert environ["wsgi.input"].read() == b'{"mytext": "A gem."}'


@pytest.mark.parametrize(
    ("name", "path", "kind", "is_told"),
    [
        ("web.sock", "/v1/predict", "application/json", True),
        ("web.sock", "/ping", "application/json", False),
        ("rows.sock", "/v1/predict", "text/csv", False),
    ],
    ids=["a text", "a probe", "rows"],
)
def test_nginx_alone_says_since_when_a_request_waits(
    tmp_path: Path, name: str, path: str, kind: str, is_told: bool
) -> None:
    begun = time.time()
    received = passed_on(tmp_path, name, path, {"X-Request-Start": "t=7.000", "Content-Type": kind})
    told = re.findall(rb"X-Request-Start: t=([\d.]+)\r\n", received, re.IGNORECASE)
    assert len(told) == is_told
    assert all(begun - 1 < float(moment) < time.time() + 1 for moment in told)


def test_http_1_0_without_a_host_is_served(echo: int) -> None:
    assert exchange(echo, b"GET / HTTP/1.0\r\n\r\n").json["Host"] == "localhost"


def test_the_request_id_has_one_source(echo: int) -> None:
    assert call(echo, "GET", "/", headers={"X-Request-ID": "seven"}).headers.get_all("X-Request-ID") == ["seven"]


def test_a_page_may_have_a_policy_of_its_own(echo: int) -> None:
    policies = call(echo, "GET", "/").headers.get_all("Content-Security-Policy")
    assert policies == ["default-src 'self'; frame-ancestors 'none'"]


def test_nobody_there_is_a_problem_that_says_when_to_come_back(deserted: int) -> None:
    reply = call(deserted, "POST", "/v1/predict", {"mytext": "good"}, {"X-Request-ID": "seven"})
    assert reply.status == 502
    assert reply.headers["Content-Type"] == PROBLEM
    assert reply.headers["X-Request-ID"] == "seven"
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.json["code"] == "bad_gateway"


def test_the_callers_text_is_in_no_log(deserted: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for path in (f"/v1/predict?text={PRIVATE_TEXT}", f"/v1/predict%3Ftext={PRIVATE_TEXT}", f"/{PRIVATE_TEXT * 20}"):
        assert call(deserted, "GET", path).status == 502
    log = tmp_path / "run" / "access.log"
    wait_until(lambda: len(log.read_text().splitlines()) == 3, "three lines of access log")
    assert sorted(json.loads(line)["path"] for line in log.read_text().splitlines()) == ["-", "-", "/v1/predict"]
    assert PRIVATE_TEXT not in log.read_text() + capfd.readouterr().err


@pytest.mark.parametrize(
    ("traceparent", "logged"),
    [
        (f"00-{ID}-{SPAN}-01", ID),
        (f"cc-{ID}-{SPAN}-01", ID),
        (f"cc-{ID}-{SPAN}-01-what-will-be", ID),
        (f"cc-{ID}-{SPAN}-01.", "-"),
        (f"00-{ID}-{SPAN}-01-what-will-be", "-"),
        (f"ff-{ID}-{SPAN}-01", "-"),
        (f"00-{ID.upper()}-{SPAN}-01", "-"),
        (f"00-{'0' * 32}-{SPAN}-01", "-"),
        (f"00-{ID}-{'0' * 16}-01", "-"),
        (f"00-{ID}{ID}-{SPAN}-01", "-"),
        (PRIVATE_TEXT, "-"),
        ("", "-"),
    ],
)
def test_the_log_names_the_trace_of_a_well_formed_traceparent(
    deserted: int, tmp_path: Path, traceparent: str, logged: str
) -> None:
    call(deserted, "GET", "/v1/models", headers={"traceparent": traceparent})
    log = tmp_path / "run" / "access.log"
    wait_until(lambda: log.read_text().endswith("\n"), "a line of access log")
    assert json.loads(log.read_text())["trace_id"] == logged
