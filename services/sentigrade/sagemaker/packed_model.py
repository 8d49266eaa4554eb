"""The model that SageMaker unpacked for an endpoint."""

import re
from pathlib import Path

from sentigrade.errors import ModelFolderError
from sentigrade.manifest import MANIFEST
from sentigrade.sagemaker.folders import files_in
from sentigrade.store.adopting import adopt
from sentigrade.store.foreign import Adoption
from sentigrade.store.reference import name_of

# What BlazingText packs.
_BARE = "model.bin"
# What a reference among SENTIGRADE_MODELS may hold.
_PLAIN_PATH = re.compile(r"[^,\s#]+")


def packed_model(folder: Path, adopted: Path) -> str | None:
    """Return a reference to the one model in a folder, or None where nothing was unpacked.

    The model lies in the folder itself or in one below it. In place of one may lie BlazingText's `model.bin`: it
    becomes a model in the folder `adopted`, which is made. Raises ModelFolderError for anything else that lies there.
    """
    try:
        found = sorted(folder.iterdir()) if folder.exists() else []
        manifests = [file for file in files_in(folder) if file.name == MANIFEST] if found else []
        if not manifests and folder / _BARE in found:
            return _adopted(folder / _BARE, adopted)
    except OSError as error:
        raise ModelFolderError(
            f"{error.filename} cannot be read ({error.strerror}): pack what everybody may read"
        ) from None
    if not found:
        return None
    if len(manifests) != 1:
        raise ModelFolderError(_advice(folder, found[0], len(manifests)))
    reference = str(manifests[0].parent.absolute())
    if not _PLAIN_PATH.fullmatch(reference):
        raise ModelFolderError(f"{folder}: pack the model in a folder whose name has no blanks, commas or #")
    return reference


def _adopted(file: Path, folder: Path) -> str:
    folder.mkdir()
    adopt(file.read_bytes(), file.name, Adoption(name_of(file.name)), folder)
    return str(folder)


def _advice(folder: Path, first: Path, count: int) -> str:
    if count:
        return f"{folder} holds {count} models: pack one of them, or use a multi-model endpoint"
    return (
        f"{folder} holds {first.name} but no model with a {MANIFEST}: make one of a pickle with `sentigrade adopt`, "
        "and pack the folder that it publishes"
    )
