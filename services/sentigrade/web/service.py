"""What the web door serves: the scorers by name, and whether they are ready."""

import logging
from collections.abc import Sequence
from pathlib import Path

from sentigrade.errors import NotReady, UnknownModel
from sentigrade.places import MISSING, Place, read_places
from sentigrade.scorer import Scorer

_log = logging.getLogger(__name__)


class Service:
    """The scorers of this process, the default one first.

    `places`, if it is given, is the file in which the server and its watcher write where the models lie.
    """

    def __init__(self, scorers: Sequence[Scorer | None], places: Path | None = None) -> None:
        self._places = places
        self.fault: str | None = "starting"
        self.use(scorers)

    @property
    def ready(self) -> bool:
        """Whether every model is there and every scorer has answered its warm-up text."""
        return self.fault is None

    @property
    def scorers(self) -> list[Scorer]:
        """The scorers that are there."""
        return list(self._scorers.values())

    def use(self, scorers: Sequence[Scorer | None]) -> None:
        """Serve these from now on; None is a model that is still missing. Called before the workers fork."""
        self._scorers = {scorer.name: scorer for scorer in scorers if scorer}
        self._default = scorers[0]
        self._complete = None not in scorers

    def start(self) -> None:
        """Start every scorer in this process. A failure is kept as `fault`: alive, but not ready."""
        try:
            for scorer in self.scorers:
                scorer.start()
        except Exception as error:  # noqa: BLE001 - whatever it is, this process must not take requests
            self.fault = f"the warm-up prediction failed: {type(error).__name__}"
            # The only text that it can speak of is the warm-up's.
            _log.exception("not ready", extra={"fields": {"reason": str(error)}})
            return
        self.fault = None if self._complete else self._missing()
        if self.ready:
            _log.info("ready", extra={"fields": {"models": [scorer.model.identity for scorer in self.scorers]}})

    def scorer(self, name: str | None) -> Scorer:
        """Return the scorer of a name, the default one for None; raises UnknownModel, NotReady while one is missing."""
        scorer = self._default if name is None else self._scorers.get(name)
        if scorer is not None:
            return scorer
        if not self._complete:
            raise NotReady(self._missing())
        raise UnknownModel(f"There is no such model here; served are {', '.join(self._scorers)}.", pointer="/model")

    def places(self) -> list[Place]:
        """Return what is known of where the models lie, by the order of the references."""
        return read_places(self._places) if self._places else []

    def _missing(self) -> str:
        missing = [place for place in self.places() if place.name not in self._scorers]
        return "; ".join(f"{place.name}: {place.notice or MISSING}" for place in missing)
