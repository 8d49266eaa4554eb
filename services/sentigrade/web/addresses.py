"""Where the server listens, and how a new one takes that over from one that runs.

A unix socket has a name of its own in its folder, and a second one, the public, by which nginx knows it. The public
name is moved from one server's socket to the next by a rename, so there is no moment without a socket. A server takes
it as soon as it is ready; whoever waits in the queue of the one before is still answered by that one. Where nobody
answers at the public name a server takes it at once: it can say at least that it is not ready, and one that was
replaced is there again when its successor dies.
"""

import errno
import fcntl
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging import getLogger
from pathlib import Path
from secrets import token_hex

from sentigrade.errors import SettingError
from sentigrade.settings import Settings

# As long as `rows.sock`, so that where the public names fit, these do.
_OWN_NAME = re.compile(r"\.[0-9a-f]{8}")

_NOBODY = (errno.ECONNREFUSED, errno.ENOENT)

_log = getLogger(__name__)


class Addresses:
    """The addresses of one server: for rows, and for everything else.

    Those of HOST:PORT are taken by listening; for them there is nothing to do here. The master and its workers share
    the object, and all servers in a folder its lock.
    """

    def __init__(self, settings: Settings) -> None:
        """Raise SettingError when something other than a socket lies at a public name."""
        self._public = [settings.bind, settings.rows_bind]
        paths = [Path(address.removeprefix("unix:")) for address in self._public if address.startswith("unix:")]
        self._names = [_Name(path) for path in paths]

    @property
    def own(self) -> list[str]:
        """What to listen at, in the order of everything else and rows."""
        return [f"unix:{name.own}" for name in self._names] or self._public

    @contextmanager
    def opening(self) -> Iterator[None]:
        """In the block the server begins to listen at its own names; what dead ones have left behind goes."""
        for name in self._names:
            name.public.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            for name in self._names:
                _remove_dead(name.public.parent)
            yield
            for name in self._names:
                name.offer()

    def take(self) -> None:
        """Take the public names from whoever has them, once in the life of the server; called when it is ready."""
        with self._alone():
            for name in self._names:
                name.take()

    def take_free(self) -> None:
        """Take those public names at which nobody answers."""
        if all(name.is_ours() for name in self._names):
            return
        with suppress(FileNotFoundError), self._alone():  # somebody has cleared the folder away
            for name in self._names:
                if _is_dead(name.public):
                    name.offer()
                    name.take()

    def leave(self) -> None:
        """Take away the names of this server, but none that another one has taken over; gunicorn removes `own`."""
        with suppress(FileNotFoundError), self._alone():
            for name in self._names:
                name.leave()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock on the folder: whether a name is ours must not change between the look and the deed."""
        if not self._names:
            yield
            return
        folder = os.open(self._names[0].public.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


class _Name:
    """A public name, the socket of this server, and a link to that which waits to become the public name."""

    def __init__(self, public: Path) -> None:
        if public.exists() and not public.is_socket():
            raise SettingError(f"SENTIGRADE_BIND: {public} is there and is no socket; name another path or remove it")
        self.public = public
        self.own = public.with_name(f".{token_hex(4)}")
        self._waiting = _waiting(self.own)

    def is_ours(self) -> bool:
        with suppress(FileNotFoundError):
            return self.public.samefile(self.own)
        return False

    def offer(self) -> None:
        """Make the link that waits, unless it is there."""
        with suppress(FileExistsError):
            self._waiting.hardlink_to(self.own)

    def take(self) -> None:
        """Make the link that waits the public name; without one this server has done so before."""
        with suppress(FileNotFoundError):
            self._waiting.rename(self.public)
            _log.info("listening", extra={"fields": {"address": f"unix:{self.public}"}})

    def leave(self) -> None:
        if self.is_ours():
            self.public.unlink()
        self._waiting.unlink(missing_ok=True)


def _waiting(own: Path) -> Path:
    return own.with_name(f"{own.name}.waiting")


def _remove_dead(folder: Path) -> None:
    """Remove the names of servers that were killed."""
    for path in folder.iterdir():
        if _OWN_NAME.fullmatch(path.name) and path.is_socket() and _is_dead(path):
            path.unlink()
            _waiting(path).unlink(missing_ok=True)


def _is_dead(path: Path) -> bool:
    """Whether no process has the socket of this name open, or there is none."""
    # A datagram never reaches a stream socket: being told so is an answer that costs the other server no connection.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        return probe.connect_ex(os.fsencode(path)) in _NOBODY
