"""gunicorn's sync worker, made for one proxy on a unix socket.

gunicorn sends headers and body one after the other. A worker that is killed in between has begun an answer that
nobody can finish, and nginx may no longer ask another worker. So here an answer leaves in one piece.

Some answers need no look at the body (a wrong content type, an unknown path). nginx, still sending it, would find the
connection closed and answer 502. So here what is left of the body is read first; nginx has bounded its size and holds
all of it.

Having answered, gunicorn waits until the other side has closed as well, so that no unread request makes the kernel
reset the connection. Nothing is unread here, and the wait is a tenth of the time that a request takes.
"""

import socket
from typing import Any, cast

from gunicorn.workers.sync import SyncWorker

_READ_BYTES = 65_536


class Worker(SyncWorker):
    """A sync worker whose death costs no request: it has either answered or sent nothing."""

    def handle_request(self, listener: socket.socket, req: Any, client: socket.socket, addr: Any) -> bool:  # noqa: ANN401
        """Answer one request."""
        collected = _Collected(client)
        result = super().handle_request(listener, req, cast("socket.socket", collected), addr)
        while req.body.read(_READ_BYTES):
            pass
        client.sendall(b"".join(collected.parts))
        client.close()
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
