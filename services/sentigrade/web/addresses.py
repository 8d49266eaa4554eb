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
    """The addresses of one server, for rows and for everything else; its master looks after them.

    Those of HOST:PORT are taken by listening; for them there is nothing to do here.
    """

    def __init__(self, settings: Settings) -> None:
        """Make the folder of the sockets.

        Raises SettingError when that cannot be used, when something other than a socket lies at a public name, and when
        both names are the same.
        """
        self._public = [settings.bind, settings.rows_bind]
        paths = [Path(address.removeprefix("unix:")) for address in self._public if address.startswith("unix:")]
        if paths and paths[0] == paths[1]:
            raise SettingError(f"SENTIGRADE_BIND: {paths[0]} is the address for rows; name another path")
        for path in paths:
            _make(path.parent)
        self._names = [_Name(path) for path in paths]
        self._was_ready = False

    @property
    def own(self) -> list[str]:
        """What to listen at, in the order of everything else and rows."""
        return [f"unix:{name.own}" for name in self._names] or self._public

    @contextmanager
    def opening(self) -> Iterator[None]:
        """In the block the server begins to listen at its own names; what dead ones have left behind goes."""
        with self._alone():
            for name in self._names:
                _remove_dead(name.public.parent)
            yield

    def manage(self, *, ready: bool) -> None:
        """Take the public names: once, when the server has become ready, and later only where nobody answers."""
        becomes_ready = ready and not self._was_ready
        self._was_ready |= ready
        if all(name.is_ours() for name in self._names):
            return
        with suppress(FileNotFoundError), self._alone():  # somebody has cleared the folder away
            for name in self._names:
                # Of two names of one socket a rename would take neither away, and the next one found its link there.
                if not name.is_ours() and (becomes_ready or _is_dead(name.public)):
                    name.take()

    def leave(self) -> None:
        """Take away the public names that are still this server's; gunicorn takes away `own`."""
        with suppress(FileNotFoundError), self._alone():
            for name in self._names:
                if name.is_ours():
                    name.public.unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of all servers in the folder: a name must not change hands between the look and the deed."""
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
    """A public name, and the socket that this server would have it stand for."""

    def __init__(self, public: Path) -> None:
        if public.exists() and not public.is_socket():
            raise SettingError(f"SENTIGRADE_BIND: {public} is there and is no socket; name another path or remove it")
        self.public = public
        self.own = public.with_name(f".{token_hex(4)}")

    def is_ours(self) -> bool:
        with suppress(FileNotFoundError):
            return self.public.samefile(self.own)
        return False

    def take(self) -> None:
        link = _link(self.own)
        link.hardlink_to(self.own)
        link.replace(self.public)
        _log.info("listening", extra={"fields": {"address": f"unix:{self.public}"}})


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise SettingError(f"SENTIGRADE_BIND: {folder} cannot be used ({reason}); name another path") from None


def _link(own: Path) -> Path:
    return own.with_name(f"{own.name}.link")


def _remove_dead(folder: Path) -> None:
    """Remove the names of servers that were killed."""
    for path in folder.iterdir():
        if _OWN_NAME.fullmatch(path.name) and path.is_socket() and _is_dead(path):
            path.unlink()
            _link(path).unlink(missing_ok=True)


def _is_dead(path: Path) -> bool:
    """Whether no process has the socket of this name open, or there is none."""
    # A datagram never reaches a stream socket: being told so is an answer that costs the other server no connection.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        return probe.connect_ex(os.fsencode(path)) in _NOBODY
