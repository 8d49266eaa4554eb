"""The nginx configuration of the peers."""

import difflib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bench.errors import BenchError
from bench.peers.nginx_copy import copy_for_peers
from sentigrade.local_stack import Nginx
from sentigrade.settings import Settings
from tests.live import REPOSITORY, call, free_port

CONFIGURATION = REPOSITORY / "nginx"
TEMPLATE = "templates/sentigrade.conf.template"


class CallersPort(BaseHTTPRequestHandler):
    """Answers with the port that the connection comes from, and keeps the connection open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), CallersPort) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def connections(upstream: str, configuration: Path, state: Path) -> int:
    """How many connections nginx opens to the upstream for twelve requests, one after the other."""
    with Nginx(Settings(port=free_port()), upstream, configuration=configuration, state=state) as nginx:
        return len({call(nginx.port, "GET", "/").json for _ in range(12)})


def test_the_peers_configuration_differs_only_in_keeping_connections(tmp_path: Path) -> None:
    copy = copy_for_peers(CONFIGURATION, tmp_path / "copy")
    ours, theirs = ((folder / TEMPLATE).read_text().splitlines() for folder in (CONFIGURATION, copy))
    changes = [line for line in difflib.ndiff(ours, theirs) if line[0] in "+-"]
    assert changes == [
        "+     keepalive 16;",
        "- proxy_set_header Connection close;",
        '+ proxy_set_header Connection "";',
    ]
    others = [file.relative_to(copy) for file in copy.rglob("*") if file.is_file() and file != copy / TEMPLATE]
    assert others
    assert all((copy / other).read_bytes() == (CONFIGURATION / other).read_bytes() for other in others)


def test_nginx_keeps_connections_to_peers_open_but_not_to_ours(upstream: str, tmp_path: Path) -> None:
    copy = copy_for_peers(CONFIGURATION, tmp_path / "copy")
    assert connections(upstream, CONFIGURATION, tmp_path / "ours") == 12
    assert connections(upstream, copy, tmp_path / "theirs") < 12


@pytest.mark.parametrize("line", ["proxy_set_header Connection close;", "upstream sentigrade {"])
def test_a_configuration_without_a_line_to_change_is_refused(line: str, tmp_path: Path) -> None:
    changed = copy_for_peers(CONFIGURATION, tmp_path / "changed")
    template = changed / TEMPLATE
    template.write_text((CONFIGURATION / TEMPLATE).read_text().replace(line, "# gone"))
    with pytest.raises(BenchError, match=r"mend bench/peers"):
        copy_for_peers(changed, tmp_path / "copy")
