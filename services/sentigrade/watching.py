"""Keeps what is served in step with the store, from a process of its own.

The server writes down where it found each model; this process looks at the store again and again. A version that is
newly promoted is fetched, verified and made to answer by yet another process, so that neither its size nor its faults
are felt here. Only then is its place written down and the server told, by SIGHUP; the server itself asks no network.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from logging import getLogger
from pathlib import Path
from typing import cast

import msgspec

from sentigrade.places import MISSING, REFUSED, STALE, UNASKED, Place, read_places, survey, write_places
from sentigrade.settings import Settings
from sentigrade.store.catalogue import read_published
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store
from sentigrade.store.reference import Reference, parse_reference

# How often a store is asked again that could not be reached when the service started.
_RETRY_SECONDS = 5
_TICK_SECONDS = 0.2

_log = getLogger(__name__)


class WatcherProcess:
    """The watcher as the server sees it: a child that runs while there is anything to look for."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def manage(self) -> None:
        """Start the watcher where it is needed and does not run; one that dies is not replaced at once."""
        if not is_needed(read_places(self._path), self._settings):
            return
        ended = self._process is None or self._process.poll() is not None
        if ended and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + _RETRY_SECONDS
            self._process = subprocess.Popen([sys.executable, "-m", "sentigrade", "watch", str(self._path)])

    def stop(self) -> None:
        """Stop the watcher, if it runs."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def is_needed(places: Sequence[Place], settings: Settings) -> bool:
    """Whether there is anything to look for: promotions that are to be followed, or a model that is still missing."""
    return settings.watch_seconds > 0 or any(place.folder is None for place in places)


def watch(path: Path, settings: Settings) -> None:
    """Look after the places written in `path` while it is needed and the parent process, which is told, is there."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that a process that verifies is not left behind
    server = os.getppid()
    watcher = Watcher(settings)
    places = read_places(path)
    while is_needed(places, settings) and _sleep(_pause(places, settings), server):
        before, places = places, [watcher.look(place) for place in places]
        if places != before:
            write_places(path, places)
        if [place.digest for place in places] != [place.digest for place in before] and os.getppid() == server:
            os.kill(server, signal.SIGHUP)


def _pause(places: Sequence[Place], settings: Settings) -> float:
    """Return the seconds until the next look: few while a model is missing."""
    missing = any(place.folder is None for place in places)
    return min(settings.watch_seconds or _RETRY_SECONDS, _RETRY_SECONDS) if missing else settings.watch_seconds


class Watcher:
    """Looks at one place after the other, and remembers what was no good."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stores: dict[str, Objects] = {}
        self._refused: dict[str, str] = {}
        self._logged: dict[str, str] = {}

    def look(self, place: Place) -> Place:
        """Return where the model of a reference lies now; what is served stays where it is when the new one is bad."""
        reference = parse_reference(place.reference)
        if not isinstance(reference, Reference) or reference.digest:
            return place if place.folder else self._verified(place, place.reference)
        try:
            seen, wanted = self._ask(place, reference)
        except Exception as error:  # noqa: BLE001 - whatever lies in a store, the others must be looked after
            self._stores.clear()  # credentials may have changed
            return self._noticed(place, UNASKED if place.folder else MISSING, str(error) or type(error).__name__)
        if wanted == place.digest or (reference.version and place.folder):
            self._logged.pop(place.reference, None)
            return msgspec.structs.replace(seen, notice=None)
        return self._verified(seen, wanted)

    def _ask(self, place: Place, reference: Reference) -> tuple[Place, str]:
        """Return the place with what its store holds now, and the digest that the reference means."""
        address = reference.store or self._settings.store
        if address not in self._stores:
            self._stores[address] = open_store(address)
        objects = self._stores[address]
        seen = survey(place, reference, objects)
        version = reference.version or cast("int", seen.promoted)
        return seen, read_published(objects, reference.name, version).digest

    def _verified(self, place: Place, wanted: str) -> Place:
        if wanted == self._refused.get(place.reference):
            return msgspec.structs.replace(place, notice=_refusal(place))
        result = subprocess.run(
            [sys.executable, "-m", "sentigrade", "verify", "--json", place.reference],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            reason = (result.stderr.strip().splitlines() or [f"it ended with status {result.returncode}"])[-1]
            if result.returncode == os.EX_DATAERR:
                # It will not be better the next time, and trying takes time and memory.
                self._refused[place.reference] = wanted
            return self._noticed(place, _refusal(place), reason.removeprefix("sentigrade: "))
        self._logged.pop(place.reference, None)
        verified = msgspec.json.decode(result.stdout, type=_Verified)
        _log.info("verified", extra={"fields": {"model": verified.identity}})
        return msgspec.structs.replace(
            place,
            folder=verified.folder,
            digest=verified.identity.rpartition(":")[2],
            notice=STALE if verified.notice else None,
        )

    def _noticed(self, place: Place, notice: str, reason: str) -> Place:
        if reason != self._logged.get(place.reference):
            self._logged[place.reference] = reason
            _log.error("not swapped", extra={"fields": {"reference": place.reference, "reason": reason}})
        return msgspec.structs.replace(place, notice=notice)


def _refusal(place: Place) -> str:
    return REFUSED if place.folder else MISSING


class _Verified(msgspec.Struct):
    """What `sentigrade verify --json` prints."""

    identity: str
    folder: str
    notice: str | None


def _sleep(seconds: float, parent: int) -> bool:
    """Wait, but not longer than the parent lives; return whether it still does."""
    deadline = time.monotonic() + seconds
    while os.getppid() == parent and time.monotonic() < deadline:
        time.sleep(_TICK_SECONDS)
    return os.getppid() == parent
