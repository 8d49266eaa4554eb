"""HTTPS, as `docker compose --profile tls up` serves it."""

import http.client
import socket
import ssl
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.conftest import Project
from tests.end_to_end.error_shapes import require_refusal
from tests.live import JSON, Reply, call, free_port, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

# Stands where gunicorn would, and answers with the scheme that nginx names.
ECHO = """
import os
from http.server import BaseHTTPRequestHandler
from socketserver import UnixStreamServer

class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.headers["X-Forwarded-Proto"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

os.umask(0)  # nginx is another user
UnixStreamServer("/run/sentigrade/echo.sock", Echo).serve_forever()
"""


class TlsProject(Project):
    """The project with its profile `tls`, and certificates signed by themselves."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.tls_port = free_port()
        self.certificates = folder / "tls"
        self.certificates.mkdir(mode=0o755)
        self._settings = folder / "settings"
        self._settings.write_text(f"SENTIGRADE_TLS_FOLDER={self.certificates}\nSENTIGRADE_TLS_PORT={self.tls_port}\n")

    def compose(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        return super().compose("--env-file", str(self._settings), "--profile", "tls", *arguments, check=check)

    def new_certificate(self) -> None:
        """Replace the certificate by another one for localhost."""
        key, certificate = self.certificates / "privkey.pem", self.certificates / "fullchain.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        key.chmod(0o644)  # nginx's user must read it, and only root may give it to another user

    def ask(self, method: str, path: str, body: bytes | None = None, port: int | None = None) -> Reply:
        """Send one request over TLS, to a server that has the certificate in the folder."""
        trust = ssl.create_default_context(cafile=self.certificates / "fullchain.pem")
        connection = http.client.HTTPSConnection("localhost", port or self.tls_port, timeout=30, context=trust)
        try:
            connection.request(method, path, body, JSON if body else {})
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def trusts(self) -> bool:
        """Whether the server has the certificate in the folder."""
        try:
            return self.ask("GET", "/health/live").status == 200
        except ssl.SSLCertVerificationError:
            return False


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[TlsProject]:
    started = TlsProject(f"{project.name}-tls", tmp_path_factory.mktemp("tls"))
    started.new_certificate()
    with started.running():
        yield started


def test_the_service_answers_by_https(tls: TlsProject) -> None:
    reply = tls.ask("POST", "/v1/predict", b'{"mytext": "A gorgeous, witty, seductive movie."}')
    assert reply.status == 200
    assert reply.json["model"] == "sentiment"
    assert reply.headers["Strict-Transport-Security"] == "max-age=63072000"


def test_plain_http_is_for_this_host_alone(tls: TlsProject) -> None:
    (address,) = tls.inspect("nginx")["NetworkSettings"]["Ports"]["1337/tcp"]
    assert address == {"HostIp": "127.0.0.1", "HostPort": str(tls.port)}
    reply = call(tls.port, "GET", "/health/ready")
    assert reply.status == 200
    assert "Strict-Transport-Security" not in reply.headers


def test_http_2_is_offered(tls: TlsProject) -> None:
    assert "ALPN protocol: h2" in handshake(tls, "-alpn", "h2")


def test_a_connection_of_http_2_holds_few_requests(tls: TlsProject) -> None:
    trust = ssl.create_default_context(cafile=tls.certificates / "fullchain.pem")
    trust.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("localhost", tls.tls_port), timeout=30) as plain,
        trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        settings = connection.recv(1024)
    max_concurrent_streams = 3  # RFC 9113, 6.5.2
    assert struct.pack(">HI", max_concurrent_streams, 8) in settings


@pytest.mark.parametrize(("version", "expected"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_today_s_versions_of_tls_are_served(tls: TlsProject, version: str, expected: str) -> None:
    assert f"New, {expected}" in handshake(tls, version)


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_older_versions_of_tls_are_refused(tls: TlsProject, version: str) -> None:
    assert "alert protocol version" in handshake(tls, version, "-cipher", "ALL:@SECLEVEL=0")


@pytest.mark.parametrize("path", ["/", "/v2/models/sentiment/infer", "/invocations"])
def test_plain_http_on_the_tls_port_is_a_mistake(tls: TlsProject, path: str) -> None:
    reply = call(tls.tls_port, "POST", path, {"mytext": "A fine film."})
    require_refusal(reply, path, 400)
    assert "use https://" in reply.text


def test_the_app_is_told_that_the_caller_came_by_https(tls: TlsProject) -> None:
    port = free_port()
    tls.compose("exec", "--detach", "web", "python", "-c", ECHO)
    started = tls.compose(
        "run", "--detach", "--no-deps", "--publish", f"127.0.0.1:{port}:8443",
        "--env", "SENTIGRADE_UPSTREAM=unix:/run/sentigrade/echo.sock", "tls",
    )  # fmt: skip
    container = started.stdout.split()[-1]
    try:
        wait_until(lambda: answer_of_echo(tls, port) == "https", "X-Forwarded-Proto: https")
    finally:
        tls.docker("rm", "--force", "--volumes", container)


def answer_of_echo(tls: TlsProject, port: int) -> str:
    try:
        return tls.ask("GET", "/", port=port).text
    except OSError:
        return ""


def test_a_renewed_certificate_is_served_after_a_hangup_signal(tls: TlsProject) -> None:
    tls.new_certificate()
    assert not tls.trusts()
    tls.compose("kill", "--signal", "HUP", "tls")
    wait_until(tls.trusts, "serving with the new certificate")


def test_without_a_folder_of_certificates_it_says_what_is_missing(project: Project) -> None:
    try:
        result = project.compose("--profile", "tls", "up", "--detach", "--no-deps", "tls", check=False)
        assert result.returncode != 0
        assert "SENTIGRADE_TLS_FOLDER-is-not-set" in result.stderr
    finally:
        project.docker("image", "rm", f"{project.name}-tls", check=False)


def handshake(tls: TlsProject, *options: str) -> str:
    """What openssl tells of a connection."""
    command = ["openssl", "s_client", "-connect", f"localhost:{tls.tls_port}", *options]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return (result.stdout + result.stderr).decode(errors="replace")
