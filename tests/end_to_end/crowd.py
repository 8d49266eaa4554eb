"""A few callers who ask again as soon as they are answered, while something happens to the service."""

import json
from collections.abc import Iterator
from itertools import cycle, takewhile
from typing import Self

from bench.connections import Answered
from bench.open_loop import answers_at_rate, require_ok
from tests.background import Background
from tests.end_to_end.rows import sentence
from tests.live import predict

_TEXTS = [sentence(number) for number in range(50)]
_AT_ONCE = 1e6  # a second: always sooner than the last answers


class Crowd(Background):
    """So many callers, inside the block; each request must have one answer, and that which was given before the block.

    Some of them always wait for a worker, but never more than `callers`: however slow the machine, that is no overload.
    Without `keeps_alive` each request comes over a connection of its own; `most_tries` is how often a request may have
    to be sent because an idle connection was closed.
    """

    def __init__(self, port: int, *, callers: int = 8, keeps_alive: bool = True, most_tries: int = 1) -> None:
        super().__init__()
        self.answered: list[Answered] = []
        self._port = port
        self._callers = callers
        self._keeps_alive = keeps_alive
        self._most_tries = most_tries
        self._expected = [_without_version(predict(port, text).json) for text in _TEXTS]
        self._sent = 0

    def __enter__(self) -> Self:
        super().__enter__()
        self.go_on()
        return self

    def __exit__(self, *how: object) -> None:
        super().__exit__(*how)
        assert sorted(answered.number for answered in self.answered) == list(range(self._sent))
        assert max(answered.tries for answered in self.answered) <= self._most_tries

    def go_on(self) -> None:
        """Wait for the answers to a few hundred more requests."""
        count = len(self.answered) + 300
        self.wait_for(lambda: len(self.answered) >= count, f"{count} answers")

    def work(self) -> None:
        answers = answers_at_rate(
            self._port,
            self._bodies(),
            per_second=_AT_ONCE,
            connections=self._callers,
            keeps_alive=self._keeps_alive,
        )
        for answered in require_ok(answers):
            assert _without_version(json.loads(answered.body)) == self._expected[answered.number % len(_TEXTS)]
            self.answered.append(answered)

    def _bodies(self) -> Iterator[bytes]:
        for text in takewhile(lambda _: not self.ended.is_set(), cycle(_TEXTS)):
            self._sent += 1
            yield json.dumps({"mytext": text}).encode()


def _without_version(answer: dict[str, object]) -> dict[str, object]:
    """Return the answer as every version of the same model gives it."""
    return {name: value for name, value in answer.items() if name != "version"}
