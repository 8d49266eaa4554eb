"""Requests over HTTP, sent again while that may help; failures as errors of ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import NoReturn

import msgspec
import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
    TimeoutError,
)
from urllib3.util import Url

from sentigrade.client.asking import Request
from sentigrade.client.patience import AGAIN, Patience
from sentigrade.errors import ServiceBusy, ServiceRefusal, ServiceUnreachable, SettingError, UnreadableAnswer

_CHUNK_BYTES = 64 * 1024
_KEPT_CONNECTIONS = 16  # more threads than that open and close their own
_PROBLEM = "application/problem+json"
_BUSY = AGAIN | {HTTPStatus.GATEWAY_TIMEOUT}


class _Problem(msgspec.Struct):
    detail: str
    code: str
    pointer: str | None = None


class Connection:
    """The way to one service; threads may share it."""

    def __init__(self, address: str, patience: Patience, headers: Mapping[str, str]) -> None:
        """Connect to nothing yet. Raises SettingError for an address that is not one of HTTP."""
        self._address = _checked(address)
        self._headers = dict(headers)
        self._patience = patience
        self._pools = urllib3.PoolManager(maxsize=_KEPT_CONNECTIONS, retries=patience.retry())

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pools.clear()

    def ask(self, request: Request) -> bytes:
        """Return the whole answer.

        Raises ServiceUnreachable, ServiceRefusal, ServiceBusy and UnreadableAnswer.
        """
        return self._send(request, whole=True).data

    @contextmanager
    def stream(self, request: Request) -> Iterator[Iterator[bytes]]:
        """Give the answer as it comes; an answer that breaks off raises ServiceUnreachable, as `ask` would."""
        response = self._send(request, whole=False)
        try:
            yield self._chunks(response)
        finally:
            response.close()  # whoever stops early does not want the rest

    def _send(self, request: Request, *, whole: bool) -> BaseHTTPResponse:
        with self._failures():
            response = self._pools.request(
                request.method,
                self._address + request.path,
                body=request.body,
                headers={**self._headers, **request.headers, "Accept": request.accept},
                redirect=False,
                timeout=self._patience.timeout(rows=not whole),
                preload_content=whole,
            )
            self._check(response, request.accept)
        return response

    def _chunks(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        with self._failures():
            yield from response.stream(_CHUNK_BYTES)

    def _check(self, response: BaseHTTPResponse, accept: str) -> None:
        if response.status != HTTPStatus.OK:
            try:
                self._refuse(response)
            finally:
                response.close()
        if _media_type(response) != accept:
            self._foreign(f"answers with {_media_type(response) or 'no content type'} instead of {accept}")
        if "Content-Length" not in response.headers and "Transfer-Encoding" not in response.headers:
            self._foreign("does not say where its answer ends")  # half of it would look like all of it

    def _refuse(self, response: BaseHTTPResponse) -> NoReturn:
        status, request_id = response.status, response.headers.get("X-Request-ID")
        problem = _problem(response)
        if problem:
            kind = ServiceBusy if status in _BUSY else ServiceRefusal
            raise kind(problem.detail, status=status, code=problem.code, pointer=problem.pointer, request_id=request_id)
        if status in _BUSY:  # a load balancer's own words
            detail = f"{self._address} has too much to do or is not ready; try again later."
            raise ServiceBusy(detail, status=status, code="busy", request_id=request_id)
        target = response.headers.get("Location")
        self._foreign(f"answers with status {status}" + (f" and leads to {target}" if target else ""))

    def _foreign(self, what: str) -> NoReturn:
        raise UnreadableAnswer(f"{self._address} {what}; check that this is the address of a Sentigrade.")

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except MaxRetryError as error:
            raise self._unreachable(error.reason or error) from error
        except HTTPError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> ServiceUnreachable:
        advice = "check the address and that the service runs, or try again later"
        return ServiceUnreachable(f"{self._address}: {_cause(error)}; {advice}.")


def _checked(address: str) -> str:
    try:
        url = urllib3.util.parse_url(address.rstrip("/"))
    except LocationParseError:
        url = Url()
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment or url.auth:
        raise SettingError(
            "The address of a service is http://HOST:PORT or https://HOST, perhaps with a path; "
            "credentials belong in headers."
        )
    return url.url


def _problem(response: BaseHTTPResponse) -> _Problem | None:
    if _media_type(response) != _PROBLEM:
        return None
    try:
        return msgspec.json.decode(response.data, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _media_type(response: BaseHTTPResponse) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _cause(error: Exception) -> str:
    if isinstance(error, NameResolutionError):
        return "no such host is known"
    if isinstance(error, NewConnectionError):
        return "the connection is refused"
    if isinstance(error, ConnectTimeoutError):
        return "no connection came about in time"
    if isinstance(error, TimeoutError):
        return "nothing came for too long"
    if isinstance(error, SSLError):
        return f"TLS failed ({error.args[0]})"
    return "the connection broke before the answer was whole"
