"""What is loaded, as all workers know it: a folder in memory that they share, with a file for each loaded model."""

import hashlib
import os
import shutil
import weakref
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp

import msgspec

from sentigrade.errors import ModelLoadedAlready, UnknownModel

_UNFINISHED = "."


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A loaded model: the caller's name and url for it, the folder that was found there, its manifest's sha256."""

    name: str
    url: str
    folder: str
    digest: str


_decode = msgspec.json.Decoder(Entry).decode


class Register:
    """The entries of all loaded models."""

    def __init__(self, folder: Path) -> None:
        """Keep the entries in `folder`, which is made if it is missing."""
        folder.mkdir(exist_ok=True)
        self._folder = folder

    def keys(self) -> set[str]:
        """Return the keys (`key_of`) of all entries."""
        return {entry.name for entry in os.scandir(self._folder) if not entry.name.startswith(_UNFINISHED)}

    def entries(self) -> list[Entry]:
        """Return all entries, by name."""
        found = filter(None, map(self._read, self.keys()))
        return sorted(found, key=lambda entry: entry.name)

    def find(self, name: str) -> Entry:
        """Return the entry of a name; raises UnknownModel when there is none."""
        entry = self._read(key_of(name))
        if entry is None:
            raise _unknown()
        return entry

    def require_free(self, name: str) -> None:
        """Raise ModelLoadedAlready when a name has an entry."""
        if (self._folder / key_of(name)).exists():
            raise _loaded_already()

    def add(self, entry: Entry) -> None:
        """Add an entry; raises ModelLoadedAlready when its name has one, whoever came first.

        A link appears at once and whole, or not at all: a worker that is killed here leaves nothing in the way.
        """
        with NamedTemporaryFile(prefix=_UNFINISHED, dir=self._folder) as file:
            file.write(msgspec.json.encode(entry))
            file.flush()
            try:
                os.link(file.name, self._folder / key_of(entry.name))
            except FileExistsError:
                raise _loaded_already() from None

    def remove(self, name: str) -> None:
        """Remove the entry of a name; raises UnknownModel when there is none."""
        try:
            (self._folder / key_of(name)).unlink()
        except FileNotFoundError:
            raise _unknown() from None

    def _read(self, key: str) -> Entry | None:
        try:
            return _decode((self._folder / key).read_bytes())
        except FileNotFoundError:
            return None


def open_register(folder: Path | None) -> Register:
    """Return the register in a folder, or one in a folder of its own that goes with it."""
    if folder is not None:
        return Register(folder)
    own = mkdtemp(prefix="sentigrade-")
    register = Register(Path(own))
    weakref.finalize(register, shutil.rmtree, own, ignore_errors=True)
    return register


def key_of(name: str) -> str:
    """Return the file name of a model's entry: names themselves may be long and hold slashes."""
    return hashlib.sha256(name.encode()).hexdigest()


def _loaded_already() -> ModelLoadedAlready:
    return ModelLoadedAlready(
        "A model is loaded under this name; unload it first, or choose another name.", pointer="/model_name"
    )


def _unknown() -> UnknownModel:
    return UnknownModel("No model is loaded under this name; load it with POST /models, or see GET /models.")
