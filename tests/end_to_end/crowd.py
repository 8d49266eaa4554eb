"""A few callers who ask again as soon as they are answered, while something happens to the service."""

import json
import threading
from collections.abc import Iterator
from itertools import cycle, takewhile
from typing import Self

from bench.connections import Answered
from bench.open_loop import answers_at_rate, require_ok
from tests.end_to_end.rows import sentence
from tests.live import predict, wait_until

_TEXTS = [sentence(number) for number in range(50)]
_AT_ONCE = 1e6  # a second: always sooner than the last answers


class Crowd:
    """So many callers, inside the block; each request must have one answer, and that which was given before the block.

    Some of them always wait for a worker, but never more than `callers`: however slow the machine, that is no overload.
    With `per_second` they ask by the clock, and leave time to what the test waits for. Without `keeps_alive`
    each request comes over a connection of its own; `most_tries` is how often a request may have to be sent because an
    idle connection was closed.
    """

    def __init__(
        self,
        port: int,
        *,
        callers: int = 8,
        per_second: float = _AT_ONCE,
        keeps_alive: bool = True,
        most_tries: int = 1,
    ) -> None:
        self.answered: list[Answered] = []
        self._port = port
        self._callers = callers
        self._per_second = per_second
        self._keeps_alive = keeps_alive
        self._most_tries = most_tries
        self._expected = [_without_version(predict(port, text).json) for text in _TEXTS]
        self._sent = 0
        self._error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        self.go_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._require_no_error()
        assert sorted(answered.number for answered in self.answered) == list(range(self._sent))
        assert max(answered.tries for answered in self.answered) <= self._most_tries

    def go_on(self) -> None:
        """Wait for the answers to a few hundred more requests."""
        count = len(self.answered) + 300
        wait_until(lambda: len(self.answered) >= count or self._error is not None, f"{count} answers", 60)
        self._require_no_error()

    def _require_no_error(self) -> None:
        if self._error:
            raise self._error

    def _ask(self) -> None:
        try:
            answers = answers_at_rate(
                self._port,
                self._bodies(),
                per_second=self._per_second,
                connections=self._callers,
                keeps_alive=self._keeps_alive,
            )
            for answered in require_ok(answers):
                assert _without_version(json.loads(answered.body)) == self._expected[answered.number % len(_TEXTS)]
                self.answered.append(answered)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must see it
            self._error = error

    def _bodies(self) -> Iterator[bytes]:
        for text in takewhile(lambda _: not self._stop.is_set(), cycle(_TEXTS)):
            self._sent += 1
            yield json.dumps({"mytext": text}).encode()


def _without_version(answer: dict[str, object]) -> dict[str, object]:
    """Return the answer as every version of the same model gives it."""
    return {name: value for name, value in answer.items() if name != "version"}
