"""API keys: a file of names and hashes, made by `sentigrade key`.

    # Comments and blank lines are fine.
    alice sha256:0f3c...

A key is 256 random bits that we have made, so one round of sha256 hides it: nobody can try all keys, which is what a
slow hash of a password makes costly. The file may be read by anybody, therefore.
"""

import errno
import fcntl
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from sentigrade.errors import SettingError

Digests = Mapping[str, bytes]

_PREFIX = "sg_"
_RANDOM_BYTES = 32
_MOST_BYTES = 1024 * 1024
_NAME = r"[a-z0-9][a-z0-9._-]{0,63}"
_LINE = re.compile(rf"({_NAME})[ \t]+sha256:([0-9a-f]{{64}})")


def read_keys(path: Path) -> dict[str, bytes]:
    """Return the sha256 of each key by its name.

    Raises SettingError for a file that cannot be read, that holds anything else, or that holds no key.
    """
    try:
        with path.open("rb") as file:
            _let_others_finish(file)
            digests = _parse(file.read(_MOST_BYTES + 1), path)
    except OSError as error:
        raise _unusable(path, error) from None
    if not digests:
        raise SettingError(f"{path} holds no key; `sentigrade key add` makes one")
    return digests


def name_of(key: str, digests: Digests) -> str | None:
    """Return the name of a key, None if it is none of these; it takes the same time whichever it is."""
    digest = sha256(key.encode()).digest()
    names = [name for name, known in digests.items() if hmac.compare_digest(digest, known)]
    return names[0] if names else None


def add_key(path: Path, name: str) -> str:
    """Add a new key of this name to a file, which is made if it is missing, and return the key.

    Raises SettingError for a name that cannot be used or is taken, and for a file that cannot be.
    """
    if not re.fullmatch(_NAME, name):
        raise SettingError("The name of a key is 1 to 64 of a-z, 0-9, '.', '_' and '-', the first a letter or a digit")
    key = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)

    def add(content: bytes, digests: Digests) -> bytes:
        if name in digests:
            raise SettingError(f"{path} has a key named {name} already; remove it first, or choose another name")
        end = b"" if content.endswith(b"\n") or not content else b"\n"
        return content + end + f"{name} sha256:{sha256(key.encode()).hexdigest()}\n".encode()

    _change(path, os.O_RDWR | os.O_CREAT, add)
    return key


def remove_key(path: Path, name: str) -> None:
    """Take the key of this name out of a file.

    Raises SettingError when there is none or no other one, and for a file that cannot be used.
    """

    def remove(content: bytes, digests: Digests) -> bytes:
        if name not in digests:
            raise SettingError(f"{path} has no key of this name; `sentigrade key list` shows those that it has")
        if len(digests) == 1:
            # A running service would go on with the key, as with any file that it cannot use.
            raise SettingError(f"{path} has no other key; add another one first")
        return b"".join(line for line in content.splitlines(keepends=True) if line.split()[:1] != [name.encode()])

    _change(path, os.O_RDWR, remove)


def _let_others_finish(file: IO[bytes]) -> None:
    """Wait for whoever changes the file: a read may overtake a write in the middle of a line."""
    with suppress(OSError):  # where a file system knows no locks, nobody changes the file by `sentigrade key`
        fcntl.flock(file, fcntl.LOCK_SH)


def _change(path: Path, flags: int, changed: Callable[[bytes, Digests], bytes]) -> None:
    """Write a file anew in place: a container has it mounted by its inode, which a new file would not have.

    `read_keys` waits for it. For whoever reads without a lock, blank lines fill what is cut off in the end.
    """
    try:
        with os.fdopen(os.open(path, flags, 0o644), "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            content = file.read(_MOST_BYTES + 1)
            new = changed(content, _parse(content, path))
            if os.pwrite(file.fileno(), new.ljust(len(content), b"\n"), 0) < len(new):
                file.truncate(len(content))  # a full disk takes the beginning, which is what was there
                raise OSError(errno.ENOSPC, "")
            file.truncate(len(new))
    except OSError as error:
        raise _unusable(path, error) from None


def _parse(content: bytes, path: Path) -> dict[str, bytes]:
    if len(content) > _MOST_BYTES:
        raise SettingError(f"{path} is larger than 1 MiB; name a file that `sentigrade key add` has made")
    digests: dict[str, bytes] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        entry = line.decode("ascii", "replace").strip()
        if not entry or entry.startswith("#"):
            continue
        name, digest = _entry(entry, f"{path}, line {number}")
        if name in digests:
            raise SettingError(f"{path}, line {number}: this name stands in an earlier line; remove one of the two")
        digests[name] = digest
    return digests


def _entry(entry: str, place: str) -> tuple[str, bytes]:
    # The line is never quoted: somebody may have written the key itself into it.
    found = _LINE.fullmatch(entry)
    if found is None:
        raise SettingError(f"{place} is not NAME sha256:HEXDIGEST; let `sentigrade key add` write it, from a new key")
    return found[1], bytes.fromhex(found[2])


def _unusable(path: Path, error: OSError) -> SettingError:
    return SettingError(f"{path} cannot be used ({os.strerror(error.errno or 0)}); name a file of keys")
