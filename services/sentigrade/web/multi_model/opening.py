"""Opens a model for a caller; what is wrong with it is said without the path of its folder."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sentigrade.errors import ModelFolderError, NoMemory, SettingError
from sentigrade.model import load_model
from sentigrade.model_folder import read_manifest
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.trust import Trust
from sentigrade.web.multi_model.memory import require_memory

_log = logging.getLogger(__name__)


def open_first(folder: Path, settings: Settings) -> Scorer:
    """Open a model that no worker holds yet, if there is memory for it in all of them.

    The scorer has answered a text. Raises NoMemory, or ModelFolderError for a folder that is damaged or foreign.
    """
    with _explained(folder):
        manifest, digest = read_manifest(folder, Trust(public_key=settings.public_key))
    model_bytes = sum(file.bytes for file in manifest.files.values() if file.role == "model")
    require_memory(model_bytes, settings.worker_count)
    return open_again(folder, digest, settings)


def open_again(folder: Path, digest: str, settings: Settings) -> Scorer:
    """Open the model whose manifest has this sha256; raises as `open_first` does."""
    with _explained(folder):
        model = load_model(folder, Trust(digest=digest, public_key=settings.public_key))
        scorer = Scorer(model, max_characters=settings.max_characters, max_seconds=settings.patience_seconds).prepare()
        scorer.start()
    _log.info("loaded", extra={"fields": {"model": model.identity}})
    return scorer


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Raise what went wrong with a folder as NoMemory, or as a ModelFolderError that does not say where it lies."""
    try:
        yield
    except MemoryError:
        raise _no_memory() from None
    except OSError as error:
        raise ModelFolderError(f"the model folder cannot be read: {error.strerror}") from None
    except (ModelFolderError, SettingError) as error:
        if isinstance(error.__cause__, MemoryError):
            raise _no_memory() from None
        reason = str(error).replace(f"{folder}/", "").replace(str(folder), "the model folder")
        raise ModelFolderError(reason) from None


def _no_memory() -> NoMemory:
    return NoMemory("There was not enough memory to load this model; unload another model first.")
