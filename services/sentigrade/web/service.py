"""What the web door serves: the scorers by name, and whether they are ready."""

import logging
from collections.abc import Sequence
from pathlib import Path

from sentigrade.classifiers.families import WITHOUT_FILE
from sentigrade.errors import EndpointError, NotReady, UnknownModel
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
        # Why an endpoint has not answered its warm-up text: it may do so when this is started again.
        self.endpoint_fault: EndpointError | None = None
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
            # An endpoint that hangs takes nearly as long as a worker may: nothing is started after it.
            for scorer in sorted(self.scorers, key=_asks_an_endpoint):
                scorer.start()
        except EndpointError as error:
            self._wait_for(error)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, this process must not take requests
            self.endpoint_fault = None
            self.fault = f"the warm-up prediction failed: {type(error).__name__}"
            # The only text that it can speak of is the warm-up's.
            _log.exception("not ready", extra={"fields": {"reason": str(error)}})
            return
        self.endpoint_fault = None
        self.fault = None if self._complete else self._missing()
        if self.ready:
            _log.info("ready", extra={"fields": {"models": [scorer.model.identity for scorer in self.scorers]}})

    def _wait_for(self, error: EndpointError) -> None:
        self.fault = "an endpoint that classifies does not answer; the log says why"
        if str(error) != str(self.endpoint_fault):
            _log.error("not ready", extra={"fields": {"reason": str(error)}})
        self.endpoint_fault = error

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


def _asks_an_endpoint(scorer: Scorer) -> bool:
    return scorer.model.manifest.family in WITHOUT_FILE
