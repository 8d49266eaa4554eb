"""The models that callers have loaded, as far as this worker holds them."""

import gc
import logging
from pathlib import Path
from typing import NamedTuple

from sentigrade.errors import InvalidRequest, ModelFolderError
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.multi_model.finding import find_model_folder
from sentigrade.web.multi_model.opening import open_again, open_first
from sentigrade.web.multi_model.register import Entry, Register, key_of

_log = logging.getLogger(__name__)


class _Held(NamedTuple):
    entry: Entry
    scorer: Scorer


class LoadedModels:
    """Loads and unloads for all workers, through the register; a worker opens a model when it is first asked for it."""

    def __init__(self, register: Register, settings: Settings) -> None:
        self._register = register
        self._settings = settings
        self._held: dict[str, _Held] = {}

    def load(self, name: str, url: str) -> Entry:
        """Load the model at `url` and call it `name`.

        Raises ModelLoadedAlready, NoMemory, and InvalidRequest for a url that does not lead to a sound model folder.
        """
        self._register.require_free(name)
        folder = find_model_folder(url, self._settings.multi_model)
        try:
            scorer = open_first(folder, self._settings)
        except ModelFolderError as error:
            raise InvalidRequest(f"The model cannot be loaded: {error}.", pointer="/url") from None
        entry = Entry(name=name, url=url, folder=str(folder), digest=scorer.model.digest)
        self._register.add(entry)
        self._held[key_of(name)] = _Held(entry, scorer)
        return entry

    def unload(self, name: str) -> Entry:
        """Unload a model; the other workers let go of it when they are next asked for any. Raises UnknownModel."""
        entry = self._register.find(name)
        self._register.remove(name)
        self.let_go()
        _log.info("unloaded", extra={"fields": {"digest": f"sha256:{entry.digest}"}})
        return entry

    def scorer(self, name: str) -> Scorer:
        """Return the scorer of a loaded model, opened now if this worker has not yet.

        Raises UnknownModel, NoMemory, and ModelFolderError when its files are no longer those that were loaded.
        """
        entry = self._register.find(name)
        key = key_of(name)
        held = self._held.get(key)
        if held is None or held.entry != entry:
            self._held.pop(key, None)
            held = self._held[key] = _Held(entry, open_again(Path(entry.folder), entry.digest, self._settings))
        return held.scorer

    def let_go(self) -> None:
        """Drop the scorers of models that are no longer loaded."""
        gone = self._held.keys() - self._register.keys()
        for key in gone:
            del self._held[key]
        if gone:
            gc.collect()  # a cleaner refers to itself
