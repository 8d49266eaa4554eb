"""A long job waits where a caller could not: an endpoint that is throttled or starts again soon answers once more."""

import random
from collections.abc import Callable, Iterator, Sequence
from time import sleep
from typing import NamedTuple

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import EndpointError, EndpointUnreachable

Score = Callable[[Sequence[str]], list[Answer | Rejection]]


class Patience(NamedTuple):
    """Pauses in seconds: the first, by how much each is longer than the one before, the longest, and how many.

    The pauses are shortened at random by up to a half, so that many processes do not come back at once.
    """

    first: float = 1
    factor: float = 2
    longest: float = 60
    pauses: int = 10

    def seconds(self) -> Iterator[float]:
        """Give the pauses; ten of them are some five minutes."""
        for number in range(self.pauses):
            yield min(self.first * self.factor**number, self.longest) * random.uniform(0.5, 1)  # noqa: S311 - no secret


class PatientScore:
    """Scores as `score` does, again and again while the endpoint does not answer.

    Where it refuses texts, each is sent by itself, and the one that it refuses is a rejection: raises EndpointError
    only when it refuses all of them, EndpointUnreachable once patience has come to an end.
    """

    def __init__(self, score: Score, patience: Patience) -> None:
        self._score = score
        self._patience = patience

    def __call__(self, texts: Sequence[str]) -> list[Answer | Rejection]:
        """Answer texts, in order."""
        try:
            return self._answered(texts)
        except EndpointUnreachable:
            raise
        except EndpointError as error:
            outcomes = [self._answered_or_refused(text) for text in texts] if len(texts) > 1 else []
            if not any(isinstance(outcome, Answer) for outcome in outcomes):
                raise error from None
            return outcomes

    def _answered(self, texts: Sequence[str]) -> list[Answer | Rejection]:
        for pause in self._patience.seconds():
            try:
                return self._score(texts)
            except EndpointUnreachable:
                sleep(pause)
        return self._score(texts)

    def _answered_or_refused(self, text: str) -> Answer | Rejection:
        try:
            return self._answered([text])[0]
        except EndpointUnreachable:
            raise
        except EndpointError as error:
            return Rejection(code=error.code, detail=str(error))
