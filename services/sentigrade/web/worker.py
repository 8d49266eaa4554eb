"""gunicorn's sync worker, made for one proxy on a unix socket.

gunicorn sends headers and body one after the other. A worker that is killed in between has begun an answer that
nobody can finish, and nginx may no longer ask another worker. So here an answer leaves in one piece, unless it is one
of many rows: what is longer than HELD_BYTES leaves in chunks, so that nginx sees when the last one is missing.

Some answers need no look at the body (a wrong content type, an unknown path). nginx, still sending it, would find the
connection closed and answer 502. So here what is left of the body is read first; nginx has bounded its size and holds
all of it.

Having answered, gunicorn waits until the other side has closed as well, so that no unread request makes the kernel
reset the connection. Nothing is unread here, and the wait is a tenth of the time that a request takes.

Reading a request and writing an answer as carefully as any peer may need it takes gunicorn a third of that time. What
nginx sends has a plain form, and is read by `plain_request`; the rest is still gunicorn's.
"""

import select
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from mmap import mmap
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from gunicorn.workers.sync import SyncWorker

from sentigrade.web.plain_request import environ_of
from sentigrade.web.raw_failures import FAILED, UNREADABLE, is_unreadable

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# An answer of up to so many bytes leaves in one piece.
HELD_BYTES = 1024 * 1024

_READ_BYTES = 65_536
_NOTIFY_SECONDS = 0.1
_PATIENCE_SECONDS = 1


class Worker(SyncWorker):
    """A sync worker whose death costs no request: it has either answered or sent nothing."""

    # The master sets them before it forks; `slot` tells apart all that live, whatever their generation.
    slot: int
    generation: int
    is_leaving = False
    # A byte that it shares with the master: whether it can answer, or says that it is not ready.
    readiness: mmap

    _notified = 0.0

    def init_signals(self) -> None:
        """Listen to signals; the master has held them back until now."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())

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
            super().handle(listener, cast("socket.socket", _Resumed(client, b"", self.notify)), addr)
            return
        try:
            received = client.recv(_READ_BYTES)
            environ = environ_of(received, multiprocess=self.cfg.workers > 1)
            if environ is None:
                super().handle(listener, cast("socket.socket", _Resumed(client, received, self.notify)), addr)
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
            content = b"".join(self._parts_of(body))
        finally:
            if hasattr(body, "close"):
                body.close()
        return head.encode("latin-1") + content

    def _parts_of(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """Give the parts of an answer; at each say that this worker is alive: a slow model takes long for each row."""
        for part in body:
            self.notify()
            yield part

    def handle_error(
        self,
        req: object,  # noqa: ARG002 - gunicorn gives it
        client: socket.socket,
        addr: object,  # noqa: ARG002 - gunicorn gives it
        exc: BaseException,
    ) -> None:
        """Refuse what gunicorn cannot read, or own up to a fault; gunicorn would quote the caller, in the log too."""
        unreadable = is_unreadable(exc)
        if unreadable:
            self.log.info("unreadable request: %s", type(exc).__name__)
        else:
            self.log.error("request failed", exc_info=exc)
        with suppress(OSError):
            client.sendall(UNREADABLE if unreadable else FAILED)

    def handle_request(
        self,
        listener: socket.socket,
        req: Any,  # noqa: ANN401 - the stubs know no request body
        client: socket.socket,
        addr: Any,  # noqa: ANN401 - the stubs know no unix sockets
    ) -> bool:
        """Answer one request that gunicorn has read."""

        def read_rest() -> None:
            while req.body.read(_READ_BYTES):
                pass

        held = _Held(client, read_rest, self.notify)
        result = super().handle_request(listener, req, cast("socket.socket", held), addr)
        held.release()
        client.close()
        return result


class _Held:
    """A socket that holds back what is sent until it is too much or all of it."""

    def __init__(self, client: socket.socket, read_rest: Callable[[], None], notify: Callable[[], None]) -> None:
        """`read_rest` reads what is left of the request; `notify` says that the worker is alive."""
        self.notify = notify
        self._client = client
        self._read_rest = read_rest
        self._parts: list[bytes] = []
        self._bytes = 0

    def sendall(self, part: bytes) -> None:
        self.notify()  # labels of rows are short: it may be long until so many are held that some are sent
        self._parts.append(part)
        self._bytes += len(part)
        if self._bytes > HELD_BYTES:
            self.release()

    def release(self) -> None:
        self._read_rest()
        rest = memoryview(b"".join(self._parts))
        self._parts.clear()
        while rest:
            self.notify()
            # A caller that reads slowly makes nginx read slowly, which is no reason to replace this worker.
            if select.select([], [self._client], [], _PATIENCE_SECONDS)[1]:
                with suppress(BlockingIOError):
                    rest = rest[self._client.send(rest, socket.MSG_DONTWAIT) :]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._client, name)


class _Resumed:
    """A socket of which something was read already; `notify` says at each look that the worker is alive."""

    def __init__(self, client: socket.socket, received: bytes, notify: Callable[[], None]) -> None:
        self._client = client
        self._received = received
        self._notify = notify

    def recv(self, size: int) -> bytes:
        self._notify()
        if not self._received:
            return self._client.recv(size)
        part, self._received = self._received[:size], self._received[size:]
        return part

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._client, name)
