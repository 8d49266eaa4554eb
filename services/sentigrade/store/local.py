"""A store in a folder: `<root>/<name>/<version>/manifest.json` and `<root>/<name>/promoted`."""

from pathlib import Path

from sentigrade.errors import StoreError
from sentigrade.model_folder import MANIFEST, Model, load_model
from sentigrade.store.reference import Reference

PROMOTED = "promoted"


class LocalStore:
    """Model folders below one root folder."""

    def __init__(self, root: Path) -> None:
        """Open the store; raises StoreError when `root` is not a folder that can be read."""
        self._root = root
        try:
            next(root.iterdir(), None)
        except OSError as error:
            raise StoreError(f"store {root} cannot be read ({error.strerror}): set SENTIGRADE_STORE") from None

    def load(self, reference: Reference) -> Model:
        """Load the model that a reference means; a bare name means its promoted version.

        Raises StoreError when there is no such model, ModelFolderError when it must not be served.
        """
        version = self._promoted(reference.name) if reference.version is None else reference.version
        folder = self._root / reference.name / str(version)
        if not (folder / MANIFEST).exists():
            raise StoreError(f"store {self._root} has no {reference.name}@{version}; it has {self._known()}")
        model = load_model(folder)
        self._require_own_place(model, reference.name, version)
        return model

    def promote(self, name: str, version: int) -> None:
        """Let a bare `name` mean `version` from now on."""
        unfinished = self._root / name / f".{PROMOTED}.unfinished"
        unfinished.write_text(f"{version}\n")
        unfinished.replace(self._root / name / PROMOTED)

    def _promoted(self, name: str) -> int:
        try:
            return int((self._root / name / PROMOTED).read_text())
        except FileNotFoundError:
            raise StoreError(f"store {self._root} has no promoted version of {name}; it has {self._known()}") from None
        except (OSError, ValueError):
            raise StoreError(f"{self._root / name / PROMOTED} must hold one version number") from None

    def _known(self) -> str:
        manifests = sorted(self._root.glob(f"*/*/{MANIFEST}"))
        return ", ".join(f"{path.parts[-3]}@{path.parts[-2]}" for path in manifests) or "no models"

    def _require_own_place(self, model: Model, name: str, version: int) -> None:
        # A folder that was copied elsewhere, or an old version put back under a new number.
        if (model.manifest.name, model.manifest.version) != (name, version):
            raise StoreError(
                f"{self._root / name / str(version)} holds {model.manifest.name}@{model.manifest.version}: "
                "a model folder cannot be moved; publish it again"
            )
