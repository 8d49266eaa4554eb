"""Open-loop load: requests leave by the clock, whether or not the last ones are answered.

wrk waits for an answer before it asks again, so a slow answer delays the questions that would have had to wait behind
it, and their waiting is never seen. Here a request's time runs from the moment it was due.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from time import perf_counter

from bench.connections import Answered, Connections, Question
from bench.errors import BenchError

# So many are under way only when the server has stood still for a twentieth of a second or longer.
_CONNECTIONS = 128
_ANSWER_SECONDS = 10


def send_at_rate(port: int, bodies: Sequence[bytes], *, per_second: float) -> list[Answered]:
    """Send each body once, evenly spaced; return the times in the order of the answers.

    Raises BenchError when any request fails or none is answered for ten seconds.
    """
    return list(require_ok(answers_at_rate(port, bodies, per_second=per_second)))


def require_ok(answers: Iterable[Answered]) -> Iterator[Answered]:
    """Pass the answers on; raises BenchError at the first one that is not a 200."""
    for answered in answers:
        if answered.status != 200:
            raise BenchError(f"a request failed: {answered.head.splitlines()[0].decode('latin-1')}")
        yield answered


def answers_at_rate(
    port: int,
    bodies: Iterable[bytes],
    *,
    per_second: float,
    connections: int = _CONNECTIONS,
    keeps_alive: bool = True,
) -> Iterator[Answered]:
    """Send each body once, evenly spaced, until there are no more; give the answers as they come, whatever they say.

    A body that is due while all connections are busy leaves late. Without `keeps_alive` each request has a connection
    of its own. Raises BenchError when a request gets no answer at all, or none is answered for ten seconds.
    """
    with closing(Connections(port, connections, keeps_alive=keeps_alive)) as pool:
        pool.open()
        yield from _exchange(pool, (_request(body, keeps_alive=keeps_alive) for body in bodies), 1 / per_second)


def _exchange(pool: Connections, requests: Iterator[bytes], apart: float) -> Iterator[Answered]:
    started = perf_counter()
    request, number = next(requests, None), 0
    while request is not None or pool.is_waiting:
        due = started + number * apart
        early = due - perf_counter()
        if request is not None and pool.has_idle and early <= 0:
            pool.ask(Question(number, request, due))
            request, number = next(requests, None), number + 1
            continue
        may_ask = request is not None and pool.has_idle
        yield from _receive(pool, max(0.0, early) if may_ask else _ANSWER_SECONDS)


def _receive(pool: Connections, seconds: float) -> Iterator[Answered]:
    if pool.wait(seconds):
        yield from pool.answers()
    elif seconds == _ANSWER_SECONDS:
        raise BenchError(f"no answer in {_ANSWER_SECONDS} seconds")


def _request(body: bytes, *, keeps_alive: bool) -> bytes:
    head = f"POST /v1/predict HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    connection = "keep-alive" if keeps_alive else "close"
    return f"{head}\r\nConnection: {connection}\r\n\r\n".encode() + body
