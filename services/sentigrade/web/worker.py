"""gunicorn's sync worker, except that an answer leaves it in one piece.

gunicorn sends headers and body one after the other. A worker that is killed in between has begun an answer that
nobody can finish, and nginx may no longer ask another worker.
"""

import socket
from typing import Any, cast

from gunicorn.workers.sync import SyncWorker


class Worker(SyncWorker):
    """A sync worker whose death costs no request: it has either answered or sent nothing."""

    def handle_request(self, listener: socket.socket, req: Any, client: socket.socket, addr: Any) -> bool:  # noqa: ANN401
        """Answer one request."""
        collected = _Collected(client)
        result = super().handle_request(listener, req, cast("socket.socket", collected), addr)
        client.sendall(b"".join(collected.parts))
        return result


class _Collected:
    """A socket that keeps what is sent."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self.parts: list[bytes] = []

    def sendall(self, part: bytes) -> None:
        self.parts.append(part)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._client, name)
