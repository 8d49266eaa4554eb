"""Callers from several addresses of this host, each of which nginx takes for another caller."""

import socket
from collections.abc import Mapping

from tests.live import Reply, receive

ONE_TEXT = "/v1/predict?text=good"


def connect(port: int, address: str = "127.0.0.1") -> socket.socket:
    """Open a connection that comes from `address`, which begins with 127."""
    connection = socket.socket()
    # Without it a port that waits for stray packets of its last connection looks taken to whoever would listen there.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.settimeout(30)
    connection.bind((address, 0))
    connection.connect(("127.0.0.1", port))
    return connection


def ask(
    port: int, address: str, path: str = ONE_TEXT, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Reply:
    """Send one request from `address`: a POST if it has a body, else a GET."""
    fields = {"Host": "localhost", "Connection": "close", "Content-Length": len(body), **(headers or {})}
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    with connect(port, address) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return receive(connection)
