"""The files that a source names: one, those below a folder or a prefix, or those that a pattern matches."""

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from sentigrade.batch.formats.named import parse_file_name
from sentigrade.errors import DataError, SettingError, StoreError
from sentigrade.store.local import LocalObjects
from sentigrade.store.objects import Objects, Stored
from sentigrade.store.opening import open_store

_WILD = re.compile(r"[*?\[]")
_S3 = "s3://"


class Source(NamedTuple):
    """Where files lie, and which of them are read, by their names below that; `is_deep` if those in any folder are."""

    objects: Objects
    files: tuple[Stored, ...]
    is_deep: bool

    def require_apart_from(self, sink: str) -> None:
        """Raise SettingError for a sink whose files would be inputs when the job goes on."""
        root, target = (absolute(address) for address in (self.objects.address, sink))
        if target == root or (self.is_deep and target.startswith(f"{root}/")):
            raise SettingError(f"{sink} lies within the source: name a sink beside it")


def open_source(address: str) -> Source:
    """Find the files that an address names: a path, a pattern with * ? [] or **, or these with s3://.

    Of the files in a folder and those that match a pattern, what begins with a dot or an underscore is no input, as
    what batch jobs write beside their outputs. Links to files are followed, below a folder links to folders are not.
    Raises DataError when there are no files or one of them is in no format that is read, StoreError when they cannot be
    looked for.
    """
    source = _single(address) or _several(address)
    for file in source.files:
        parse_file_name(file.key)
    if not source.files:
        raise DataError(f"{address} names no file: give a file, a folder, or a pattern such as reviews/*.csv")
    return source


def _single(address: str) -> Source | None:
    """Return the source of an address that is that of a file, and none of a folder or a pattern."""
    folder, name = _split(address.split("/"), -1)
    if not name or (address.startswith(_S3) and not _may_be_object(folder, name)):
        return None
    objects = _open(folder)
    found = objects.find(name)
    return Source(objects, (found,), is_deep=False) if found else None


def _may_be_object(folder: str, name: str) -> bool:
    """Whether to ask S3 for an object: it refuses to say that there is none to whoever may list but a part of it."""
    try:
        parse_file_name(name)
    except DataError:
        return False
    return folder != "s3:/" and not _WILD.search(name)


def _several(address: str) -> Source:
    names = address.split("/")
    first_wild = next((number for number, name in enumerate(names) if _WILD.search(name)), None)
    root, pattern = (address, "") if first_wild is None else _split(names, first_wild)
    objects = _open(root)
    wanted = pattern.split("/") if pattern else ["**"]
    found = (stored for stored in _candidates(objects, pattern) if _fits(stored.key.split("/"), wanted))
    files = tuple(sorted(stored for stored in found if not _is_hidden(stored.key)))
    return Source(objects, files, is_deep="**" in wanted)


def _split(names: list[str], at: int) -> tuple[str, str]:
    """Return the folder or prefix that the first names lead to, and the others."""
    folder = "/".join(names[:at]) or ("/" if names[:at] else ".")
    return folder, "/".join(names[at:])


def _open(folder: str) -> Objects:
    """Open a bucket or a folder; one that is not there holds no file."""
    return open_store(folder, patient=True) if folder.startswith(_S3) else LocalObjects(Path(folder))


def _candidates(objects: Objects, pattern: str) -> Iterator[Stored]:
    """Give at least the files that fit a pattern."""
    if not isinstance(objects, LocalObjects):
        return objects.list(_WILD.split(pattern)[0])
    root = objects.root
    if pattern and "**" not in pattern:
        paths = root.glob(pattern)
    else:
        paths = (Path(folder, name) for folder, _, names in os.walk(root, onerror=_raise) for name in names)
    return filter(None, (objects.find(path.relative_to(root).as_posix()) for path in paths))


def _fits(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the parts of a name are what the parts of a pattern ask for; ** stands for any number of them."""
    if not wanted:
        return not names
    if wanted[0] == "**":
        return any(_fits(names[skipped:], wanted[1:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], wanted[0]) and _fits(names[1:], wanted[1:])


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise StoreError(f"{error.filename} cannot be read ({error.strerror}): name the files that can, with a pattern")


def absolute(address: str) -> str:
    """Return the address of a folder or prefix as it is for any process on this machine."""
    return address.rstrip("/") if address.startswith(_S3) else str(Path(address).resolve())


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))
