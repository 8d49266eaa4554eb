"""gunicorn's sync worker, made for one proxy on a unix socket.

gunicorn sends headers and body one after the other. A worker that is killed in between has begun an answer that
nobody can finish, and nginx may no longer ask another worker. So here an answer leaves in one piece.

Some answers need no look at the body (a wrong content type, an unknown path). nginx, still sending it, would find the
connection closed and answer 502. So here what is left of the body is read first; nginx has bounded its size and holds
all of it.

Having answered, gunicorn waits until the other side has closed as well, so that no unread request makes the kernel
reset the connection. Nothing is unread here, and the wait is a tenth of the time that a request takes.

Reading a request and writing an answer as carefully as any peer may need it takes gunicorn a third of that time. What
nginx sends has a plain form, and is read by `plain_request`; the rest is still gunicorn's.
"""

import socket
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from gunicorn.workers.sync import SyncWorker

from sentigrade.web.plain_request import environ_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_READ_BYTES = 65_536
_NOTIFY_SECONDS = 0.1


class Worker(SyncWorker):
    """A sync worker whose death costs no request: it has either answered or sent nothing."""

    _notified = 0.0

    def accept(self, listener: socket.socket) -> None:
        """Take one connection and answer what is asked on it."""
        # Python makes it blocking and closed on exec; gunicorn's own method asks the kernel for both again.
        self.handle(listener, *listener.accept())

    def notify(self) -> None:
        """Tell the master that this worker is alive: not at every request, but far more often than it looks."""
        now = monotonic()
        if now - self._notified >= _NOTIFY_SECONDS:
            self._notified = now
            super().notify()

    def handle(self, listener: socket.socket, client: socket.socket, addr: str | int | tuple[str, int]) -> None:
        """Answer what is asked on one connection."""
        if isinstance(addr, tuple):  # not a unix socket: anybody may ask, and anything
            super().handle(listener, client, addr)
            return
        try:
            received = client.recv(_READ_BYTES)
            environ = environ_of(received, multiprocess=self.cfg.workers > 1)
            if environ is None:
                super().handle(listener, cast("socket.socket", _Resumed(client, received)), addr)
            else:
                client.sendall(self._answer(environ))
        except OSError as error:
            self.log.debug("the proxy has gone: %s", error)
        except Exception as error:  # noqa: BLE001 - whatever made the application fail, the worker goes on
            self.handle_error(None, client, addr, error)
        finally:
            client.close()

    def _answer(self, environ: "WSGIEnvironment") -> bytes:
        """Ask the application and return its answer as it is sent; nginx adds the date."""
        head = ""

        def start(status: str, headers: Iterable[tuple[str, str]], *_: object) -> None:
            nonlocal head
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
            head = f"HTTP/1.1 {status}\r\nConnection: close\r\n{lines}\r\n"

        body: Any = self.wsgi(environ, start)
        try:
            content = b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        return head.encode("latin-1") + content

    def handle_request(
        self,
        listener: socket.socket,
        req: Any,  # noqa: ANN401 - the stubs know no request body
        client: socket.socket,
        addr: Any,  # noqa: ANN401 - the stubs know no unix sockets
    ) -> bool:
        """Answer one request that gunicorn has read."""
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

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._client, name)


class _Resumed:
    """A socket of which something was read already."""

    def __init__(self, client: socket.socket, received: bytes) -> None:
        self._client = client
        self._received = received

    def recv(self, size: int) -> bytes:
        if not self._received:
            return self._client.recv(size)
        part, self._received = self._received[:size], self._received[size:]
        return part

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._client, name)
