"""Who may call: with SENTIGRADE_API_KEYS, whoever sends a key of that file."""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from time import monotonic

from flask import Flask, Request, Response

from sentigrade.api_keys import name_of, read_keys
from sentigrade.errors import SettingError
from sentigrade.settings import environment_name
from sentigrade.web.bodies import current_request
from sentigrade.web.error_shapes import Failure, error_response
from sentigrade.web.observing import NOTE
from sentigrade.web.predict import asks

_log = logging.getLogger(__name__)

HEADER = "X-API-Key"

_SECONDS_BETWEEN_LOOKS = 1
# Whatever stands there, everyone may see: how to call, and whether the service is well.
_OPEN = re.compile(r"/(docs(/.*)?|static/.*|openapi\.json|ping|metrics|(v2/)?health/.*)")
_BEARER = re.compile(r"bearer +(.*)", re.IGNORECASE)


def _refusal(detail: str, reason: str = "") -> Failure:
    challenge = f'Bearer realm="Sentigrade"{reason}'
    return Failure(HTTPStatus.UNAUTHORIZED, "unauthorized", detail, headers={"WWW-Authenticate": challenge})


_SEND = f"send one as Authorization: Bearer KEY, or as {HEADER}: KEY."
_MISSING = _refusal(f"An API key is needed here; {_SEND}")
_WRONG = _refusal(f"This API key is not valid here; {_SEND}", ', error="invalid_token"')


def require_keys(app: Flask, path: Path) -> None:
    """Refuse every request without a key of the file at `path`, but for what is open to everyone.

    Raises SettingError for a file that cannot be used.
    """
    try:
        keys = KeyFile(path)
    except SettingError as error:
        raise SettingError(f"{environment_name('api_keys')}: {error}") from None

    app.extensions["sentigrade.keys"] = keys

    @app.before_request
    def check() -> Response | None:
        call = current_request()
        if is_open(call.environ["PATH_INFO"]) or _is_page(call):
            return None
        failure = _check(call, keys)
        return None if failure is None else error_response(failure, call.path)


def is_open(path: str) -> bool:
    """Whether a path is answered without a key; `/` may be, as the page."""
    return _OPEN.fullmatch(path) is not None


class KeyFile:
    """The keys in a file, read again soon after it has changed."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        """Read the file. Raises SettingError."""
        self._path = path
        self._clock = clock
        self._fault = ""
        self._seen = self._state()
        self._digests = read_keys(path)
        self._next_look = clock() + _SECONDS_BETWEEN_LOOKS

    def name_of(self, key: str) -> str | None:
        """Return the name of a key, None if it is not in the file as it was up to a second ago."""
        self.look()
        return name_of(key, self._digests)

    def look(self) -> None:
        """Take over what the file says, looking once a second; one that cannot be used leaves the keys as they are."""
        now = self._clock()
        if now >= self._next_look:
            self._next_look = now + _SECONDS_BETWEEN_LOOKS
            self._read_again()

    def _read_again(self) -> None:
        # Taken before reading: what is written after it is seen at the next look.
        state = self._state()
        fault = ""
        if state is None or state != self._seen:
            try:
                self._digests = read_keys(self._path)
                self._seen = state
                _log.info("keys read", extra={"fields": {"keys": len(self._digests)}})
            except SettingError as error:
                fault = str(error)
        if fault and fault != self._fault:
            _log.error("keys not read", extra={"fields": {"reason": fault}})
        self._fault = fault

    def _state(self) -> tuple[int, int, int] | None:
        """Return what is another one once the file has changed, None while there is no file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _check(call: Request, keys: KeyFile) -> Failure | None:
    """Return why a request is refused; otherwise note whose it is."""
    sent = _keys_of(call)
    if not sent:
        return _MISSING
    name = keys.name_of(sent.pop()) if len(sent) == 1 else None
    if name is None:
        return _WRONG
    call.environ[NOTE].key = name
    return None


def _keys_of(call: Request) -> set[str]:
    bearer = _BEARER.fullmatch(call.environ.get("HTTP_AUTHORIZATION", "").strip())
    return {bearer[1] if bearer else "", call.environ.get("HTTP_X_API_KEY", "")} - {""}


def _is_page(call: Request) -> bool:
    """Whether a request means the page, which shares its path with the oldest way to send a text."""
    return call.environ["PATH_INFO"] == "/" and call.method in ("GET", "HEAD") and not asks(call)
