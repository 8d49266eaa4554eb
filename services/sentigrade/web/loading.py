"""Opens the models that the settings name: all of them at the start, later those that the watcher has prepared."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from sentigrade.errors import SentigradeError, SettingError, StoreError, StoreUnreachable
from sentigrade.model import Model, load_model
from sentigrade.places import MISSING, STALE, Place, survey
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import find, open_found
from sentigrade.store.opening import open_store
from sentigrade.store.reference import Reference, parse_reference
from sentigrade.trust import Trust

# Scorers by the references that they were loaded for.
Loaded = Mapping[str, Scorer | None]

_log = logging.getLogger(__name__)


def load(settings: Settings) -> tuple[list[Place], Loaded]:
    """Find and load every model; one whose store does not answer is left out, to be looked for later.

    Raises SettingError, StoreError or ModelFolderError for what waiting would not mend.
    """
    loaded = {reference: _load(reference, settings) for reference in settings.references}
    names = [place.name for place, _ in loaded.values()]
    if len(set(names)) < len(names):
        # Callers choose by name alone, so of two versions one could never be asked.
        raise SettingError("SENTIGRADE_MODELS names a model twice: serve one version of each")
    return [place for place, _ in loaded.values()], {ref: scorer for ref, (_, scorer) in loaded.items()}


def reload(places: Sequence[Place], loaded: Loaded, settings: Settings) -> Loaded:
    """Load what lies elsewhere now and keep the rest; a model that cannot be loaded stays what it was."""
    return {place.reference: _reload(place, loaded[place.reference], settings) for place in places}


def _load(reference: str, settings: Settings) -> tuple[Place, Scorer | None]:
    try:
        found = find(reference, settings)
    except StoreUnreachable as error:
        _log.error("not loaded", extra={"fields": {"reference": reference, "reason": str(error)}})
        return Place(reference=reference, name=parse_reference(reference).name, notice=MISSING), None
    if found.notice:
        _log.warning("stale", extra={"fields": {"reference": reference, "reason": found.notice}})
    model = open_found(found, settings)
    place = Place(
        reference=reference,
        name=model.manifest.name,
        folder=str(found.folder.resolve()),
        digest=model.digest,
        notice=STALE if found.notice else None,
    )
    return _surveyed(place, settings), _scorer(model, settings)


def _surveyed(place: Place, settings: Settings) -> Place:
    reference = parse_reference(place.reference)
    if place.notice or not isinstance(reference, Reference) or reference.digest:
        return place  # the store has just failed to answer, or need not be asked
    try:
        return survey(place, reference, open_store(reference.store or settings.store))
    except StoreError:
        return place  # it has just given us the model


def is_behind(place: Place, current: Scorer | None) -> bool:
    """Whether what lies in a place is not what is loaded."""
    return place.folder is not None and (current is None or current.model.digest != place.digest)


def _reload(place: Place, current: Scorer | None, settings: Settings) -> Scorer | None:
    if not is_behind(place, current):
        return current
    try:
        model = load_model(Path(cast("str", place.folder)), Trust(name=place.name, digest=place.digest))
    except SentigradeError as error:
        _log.error("not swapped", extra={"fields": {"reference": place.reference, "reason": str(error)}})
        return current
    _log.info("swapped", extra={"fields": {"model": model.identity}})
    return _scorer(model, settings)


def _scorer(model: Model, settings: Settings) -> Scorer:
    return Scorer(model, max_characters=settings.max_characters, max_seconds=settings.patience_seconds).prepare()
