"""Opens the model that a reference means, wherever it lives."""

from pathlib import Path

from sentigrade.model_folder import Model, load_model
from sentigrade.store.local import LocalStore
from sentigrade.store.reference import parse_reference


def open_model(reference: str, store: Path) -> Model:
    """Load `name` or `name@version` from the store, or a model folder given as a path such as `./my_model`.

    Raises StoreError when there is no such model, ModelFolderError when it must not be used.
    """
    if "/" in reference or reference == ".":
        return load_model(Path(reference))
    return LocalStore(store).load(parse_reference(reference))
