"""Open-loop load: requests leave by the clock, whether or not the last ones are answered.

wrk waits for an answer before it asks again, so a slow answer delays the questions that would have had to wait behind
it, and their waiting is never seen. Here a request's time runs from the moment it was due.
"""

import re
import select
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import NamedTuple

from bench.errors import BenchError

# So many are under way only when the server has stood still for a twentieth of a second or longer.
_CONNECTIONS = 128
_ANSWER_SECONDS = 10
_READ_BYTES = 65_536

_OK = b"HTTP/1.1 200 "
_HEAD = re.compile(rb"\r\nContent-Length: (\d+)\r\n(?:.*?\r\n)??\r\n", re.IGNORECASE | re.DOTALL)


class Answered(NamedTuple):
    """Milliseconds of one request: from when it was due to its answer, and to when it left; and the answer's body."""

    latency: float
    lateness: float
    body: bytes


class _Connection:
    """A connection that is kept alive and has at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._due = self._left = 0.0

    def fileno(self) -> int:
        return self.socket.fileno()

    def ask(self, request: bytes, due: float) -> None:
        self._due, self._left = due, perf_counter()
        self.socket.sendall(request)

    def receive(self) -> Answered | None:
        """Read what has come; return the times once the answer is complete."""
        part = self.socket.recv(_READ_BYTES)
        self._received += part
        if not part or not self._received.startswith(_OK[: len(self._received)]):
            raise BenchError(f"a request failed: {self._received[:40].decode('latin-1') or 'no answer'}")
        head = _HEAD.search(self._received)
        if head is None or len(self._received) < head.end() + int(head[1]):
            return None
        body, self._received = self._received[head.end() :], b""
        return Answered((perf_counter() - self._due) * 1000, (self._left - self._due) * 1000, body)


def send_at_rate(port: int, bodies: Sequence[bytes], *, per_second: float) -> list[Answered]:
    """Send each body once, evenly spaced; return the times in the order of the answers.

    Raises BenchError when any request fails or none is answered for ten seconds.
    """
    connections = [_Connection(port) for _ in range(_CONNECTIONS)]
    try:
        return list(_exchange(connections, [_request(body) for body in bodies], 1 / per_second))
    finally:
        for connection in connections:
            connection.socket.close()


def _exchange(connections: Sequence[_Connection], requests: Sequence[bytes], apart: float) -> Iterator[Answered]:
    idle, asked = deque(connections), set[_Connection]()
    started, sent = perf_counter(), 0
    while sent < len(requests) or asked:
        due = started + sent * apart
        if sent < len(requests) and idle and perf_counter() >= due:
            connection = idle.popleft()
            connection.ask(requests[sent], due)
            asked.add(connection)
            sent += 1
            continue
        may_ask = sent < len(requests) and bool(idle)
        for connection in _readable(asked, max(0.0, due - perf_counter()) if may_ask else _ANSWER_SECONDS):
            times = connection.receive()
            if times:
                asked.remove(connection)
                idle.append(connection)
                yield times


def _readable(asked: set[_Connection], seconds: float) -> list[_Connection]:
    # select() sleeps for microseconds, epoll for whole milliseconds: too coarse for requests a millisecond apart.
    ready, _, _ = select.select(asked, (), (), seconds)
    if not ready and seconds == _ANSWER_SECONDS:
        raise BenchError(f"no answer in {_ANSWER_SECONDS} seconds")
    return ready


def _request(body: bytes) -> bytes:
    head = f"POST /v1/predict HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body
