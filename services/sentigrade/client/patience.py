"""How long to wait for a service, and how often to ask it again."""

from http import HTTPStatus
from time import sleep
from types import TracebackType
from typing import Any, Self

import msgspec
from urllib3 import BaseHTTPResponse, Retry, Timeout
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError, ResponseError

# What a service says that will soon answer. A gateway's timeout (504) is not one of them: a request that took too long
# would take too long again.
AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE})

_FIRST_PAUSE = 0.25


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a client waits.

    connect_seconds  for a connection
    answer_seconds   for the next bytes of an answer
    rows_seconds     for the first bytes of an answer to rows, which may have to wait for other rows
    retries          how often a request is sent again
    retry_seconds    for all the pauses before that together; a service that asks for more is not asked again
    """

    connect_seconds: float = 5
    answer_seconds: float = 60
    rows_seconds: float = 600
    retries: int = 4
    retry_seconds: float = 30

    def timeout(self, *, rows: bool) -> Timeout:
        """Return the time that a single try may take, with rows or without."""
        return Timeout(connect=self.connect_seconds, read=self.rows_seconds if rows else self.answer_seconds)

    def retry(self) -> Retry:
        """Return what decides whether a request is sent again, and when.

        Classifying changes nothing, so that every method may be repeated, even after the connection broke.
        """
        return _Retry(
            self.retries,
            other=0,  # what is wrong with a certificate stays wrong
            allowed_methods=None,
            status_forcelist=AGAIN,
            raise_on_status=False,
            backoff_factor=_FIRST_PAUSE,
            backoff_jitter=_FIRST_PAUSE,
            seconds_left=self.retry_seconds,
        )


class _Retry(Retry):
    """urllib3's own, with a bound on the pauses of one request together."""

    RETRY_AFTER_STATUS_CODES = AGAIN

    def __init__(self, *args: Any, seconds_left: float, pause: float = 0, **rest: Any) -> None:  # noqa: ANN401 - urllib3's
        super().__init__(*args, **rest)
        self._seconds_left = seconds_left
        self._pause = pause

    def new(self, **changes: Any) -> Self:  # noqa: ANN401 - as urllib3 has it
        return super().new(**{"seconds_left": self._seconds_left, **changes})

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Return what is left after another failure, or raise MaxRetryError; an answer that took too long is final."""
        if isinstance(error, ReadTimeoutError):
            raise error
        after = super().increment(method, url, response, error, _pool, _stacktrace)
        pause = (response and self.get_retry_after(response)) or after.get_backoff_time()
        if pause > self._seconds_left:
            raise MaxRetryError(_pool, url or "", error or ResponseError(ResponseError.GENERIC_ERROR))  # type: ignore[arg-type]  # as urllib3 does
        return after.new(seconds_left=self._seconds_left - pause, pause=pause)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the seconds that a service asks for; None when it does not say so in a way that can be read."""
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:  # noqa: ARG002 - as urllib3 calls it
        """Wait before the next try."""
        sleep(self._pause)
