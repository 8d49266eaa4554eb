"""Connections over which one thread has many questions under way, as cheaply as Python can."""

import re
import select
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from time import perf_counter
from typing import NamedTuple

from bench.errors import BenchError

_SECONDS = 10
_BUFFER_BYTES = 256 * 1024

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nConnection: close\r\n", re.IGNORECASE)


class Question(NamedTuple):
    """A request, which one it is, and when it was due."""

    number: int
    request: bytes
    due: float


class Answered(NamedTuple):
    """Milliseconds of one request, from when it was due to its answer and to when it left; and the answer.

    `number` says which request it was, `tries` how often it was sent: more than once only where the server closed a
    connection that had been idle, which every client has to expect.
    """

    latency: float
    lateness: float
    body: bytes
    head: bytes = b"HTTP/1.1 200 OK\r\n\r\n"
    number: int = 0
    tries: int = 1

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(self.head[9:12])


class Connections:
    """So many connections to a port of this machine, each with at most one question under way.

    Without `keeps_alive` each is opened when it is needed, for one question. Opening and asking raise BenchError when
    nobody takes a connection.
    """

    def __init__(self, port: int, count: int, *, keeps_alive: bool) -> None:
        # select() sleeps for microseconds, epoll for whole milliseconds, but an epoll may be selected on.
        self._epoll = select.epoll()
        self._keeps_alive = keeps_alive
        self._open: dict[int, _Connection] = {}
        self._idle = deque(_Connection(port, number) for number in range(count))
        self._under_way = 0

    def open(self) -> None:
        """Open those that will be kept."""
        if self._keeps_alive:
            for connection in self._idle:
                self._connect(connection)

    @property
    def has_idle(self) -> bool:
        """Whether one more question can be asked."""
        return bool(self._idle)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is to come."""
        return self._under_way > 0

    def ask(self, question: Question) -> None:
        """Ask over the connection that has been idle for the longest; there must be one."""
        self._under_way += 1
        self._send(self._idle.popleft(), question)

    def wait(self, seconds: float) -> bool:
        """Wait for so long until something comes; return whether it did."""
        return bool(select.select((self._epoll,), (), (), seconds)[0])

    def answers(self) -> Iterator[Answered]:
        """Read what has come, and give the answers that are complete.

        Raises BenchError when a connection was closed with a request under way that was the first on it, or of which
        a part was answered.
        """
        for descriptor, _ in self._epoll.poll(0):
            connection = self._open[descriptor]
            if not connection.receive():
                self._lose(connection)
            elif answered := connection.answered():
                self._under_way -= 1
                self._release(connection, answered)
                yield answered

    def close(self) -> None:
        """Close all of them."""
        for connection in self._open.values():
            connection.socket.close()
        self._epoll.close()

    def _connect(self, connection: "_Connection") -> None:
        try:
            connection.connect()
        except OSError as error:
            connection.socket.close()
            raise BenchError(f"a request failed: nobody takes its connection ({error})") from None
        self._open[connection.socket.fileno()] = connection
        self._epoll.register(connection.socket, select.EPOLLIN)

    def _disconnect(self, connection: "_Connection") -> None:
        del self._open[connection.socket.fileno()]
        # Closing it is not enough: a process that is being started beside us may hold it for a moment longer.
        self._epoll.unregister(connection.socket)
        connection.socket.close()

    def _send(self, connection: "_Connection", question: Question, tries: int = 1) -> None:
        if connection.socket.fileno() < 0:
            self._connect(connection)
        connection.ask(question, tries)

    def _lose(self, connection: "_Connection") -> None:
        question, tries = connection.question, connection.tries
        if question and not connection.may_ask_again:
            raise BenchError("a request failed: its connection was closed before the answer was whole")
        self._disconnect(connection)
        if question:
            self._send(connection, question, tries + 1)
        elif self._keeps_alive:
            self._connect(connection)

    def _release(self, connection: "_Connection", answered: Answered) -> None:
        if not self._keeps_alive or _CLOSE.search(answered.head):
            self._disconnect(connection)
            if self._keeps_alive:
                self._connect(connection)
        self._idle.append(connection)


class _Connection:
    """One of them; each is a caller with an address of its own, as what one caller may do is bounded."""

    def __init__(self, port: int, number: int) -> None:
        self.socket = socket.socket()
        self.socket.close()  # until it is needed
        self.question: Question | None = None
        self.tries = 0
        self._port = port
        self._source = f"127.0.{number // 250}.{number % 250 + 1}"
        self._asked = 0
        self._left = 0.0
        self._head = b""
        self._parts: list[bytes] = []
        self._missing = 0

    @property
    def may_ask_again(self) -> bool:
        """Whether the question may have met a server that was closing an idle connection."""
        return self._asked > 1 and not self._head and not self._parts

    def connect(self) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(_SECONDS)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Its port is not taken from a server that wants to listen on it.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self._source, 0))
        self.socket.connect(("127.0.0.1", self._port))
        self.question, self._asked = None, 0

    def ask(self, question: Question, tries: int) -> None:
        self.question, self.tries = question, tries
        self._asked += 1
        self._left = perf_counter()
        with suppress(ConnectionError):  # that it was closed shows when nothing comes
            self.socket.sendall(question.request)

    def receive(self) -> bool:
        """Read what has come; return whether the connection is still open and something was to come."""
        try:
            part = self.socket.recv(_BUFFER_BYTES)
        except ConnectionError:
            return False
        if self.question and part:
            self._parts.append(part)
        return bool(self.question and part)

    def answered(self) -> Answered | None:
        """Return the answer once it is complete."""
        if not self._head:
            self._take_head()
        else:
            self._missing -= len(self._parts[-1])
        if not self._head or self._missing > 0 or not self.question:
            return None
        number, _, due = self.question
        latency, lateness = (perf_counter() - due) * 1000, (self._left - due) * 1000
        answered = Answered(latency, lateness, b"".join(self._parts), self._head, number, self.tries)
        self.question, self._head, self._parts = None, b"", []
        return answered

    def _take_head(self) -> None:
        head, end, rest = b"".join(self._parts).partition(_HEAD_END)
        if not end:
            return
        self._head, self._parts = head + end, [rest]
        length = _LENGTH.search(self._head)
        if length is None:
            raise BenchError("a request failed: its answer does not say how long it is")
        self._missing = int(length[1]) - len(rest)
