"""The files that a source names: one, those below a folder or a prefix, or those that a pattern matches."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sentigrade.batch.formats.named import parse_file_name
from sentigrade.errors import DataError, SettingError
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

    What begins with a dot or an underscore is no input, as what batch jobs write beside their outputs. Raises DataError
    when there are none or one of them is in no format that is read, StoreError when they cannot be looked for.
    """
    root, pattern = _parted(address)
    objects = open_store(root, patient=True)
    files = tuple(sorted(file for file in _matching(objects, pattern) if not _is_hidden(file.key)))
    for file in files:
        parse_file_name(file.key)
    if not files:
        raise DataError(f"{address} names no file: give a file, a folder, or a pattern such as reviews/*.csv")
    return Source(objects, files, is_deep=not pattern or "**" in pattern)


def _parted(address: str) -> tuple[str, str]:
    """Return the folder or prefix to look in, and a pattern for the names below it; empty for all of them."""
    if _WILD.search(address):
        folders = address.split("/")
        first_wild = next(number for number, name in enumerate(folders) if _WILD.search(name))
        return _folder(folders[:first_wild]), "/".join(folders[first_wild:])
    if not address.startswith(_S3):
        path = Path(address)
        return (str(path.parent), path.name) if path.is_file() else (address, "")
    folder, _, last = address.rstrip("/").rpartition("/")
    if "." in last and folder != "s3:/":
        return folder, last
    return address, ""


def _folder(parts: list[str]) -> str:
    return "/".join(parts) or ("/" if parts else ".")


def _matching(objects: Objects, pattern: str) -> Iterator[Stored]:
    if isinstance(objects, LocalObjects):
        paths = objects.root.glob(pattern or "**/*")
        yield from filter(None, (objects.find(path.relative_to(objects.root).as_posix()) for path in paths))
    elif _WILD.search(pattern):
        start = _WILD.split(pattern)[0]
        matches = re.compile(_as_regex(pattern)).fullmatch
        yield from (stored for stored in objects.list(start) if matches(stored.key))
    elif pattern:
        found = objects.find(pattern)
        yield from [found] if found else []
    else:
        yield from objects.list("")


def _as_regex(pattern: str) -> str:
    """Return a pattern of file names as a regular expression; what * and ? stand for holds no slash."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?[^\]]+\])", pattern)
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        meanings.get(part) or (part.replace("[!", "[^", 1) if part.startswith("[") else re.escape(part))
        for part in parts
    )


def absolute(address: str) -> str:
    """Return the address of a folder or prefix as it is for any process on this machine."""
    return address.rstrip("/") if address.startswith(_S3) else str(Path(address).resolve())


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))
