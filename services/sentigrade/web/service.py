"""What the web door serves: the scorers by name, and whether they are ready."""

import logging
from collections.abc import Sequence

from sentigrade.errors import UnknownModel
from sentigrade.scorer import Scorer

_log = logging.getLogger(__name__)


class Service:
    """The scorers of this process, the default one first."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = {scorer.name: scorer for scorer in scorers}
        self._default = scorers[0]
        self.fault: str | None = "starting"

    @property
    def ready(self) -> bool:
        """Whether every scorer has answered its warm-up text."""
        return self.fault is None

    def start(self) -> None:
        """Start every scorer in this process. A failure is kept as `fault`: alive, but not ready."""
        try:
            for scorer in self._scorers.values():
                scorer.start()
        except Exception as error:  # noqa: BLE001 - whatever it is, this process must not take requests
            self.fault = f"the warm-up prediction failed: {type(error).__name__}"
            _log.exception("not ready")
        else:
            self.fault = None
            models = [scorer.identity for scorer in self._scorers.values()]
            _log.info("ready", extra={"fields": {"models": models}})

    def scorer(self, name: str | None) -> Scorer:
        """Return the scorer of a name, the default one for None; raises UnknownModel."""
        if name is None:
            return self._default
        try:
            return self._scorers[name]
        except KeyError:
            raise UnknownModel(
                f"There is no such model here; served are {', '.join(self._scorers)}.", pointer="/model"
            ) from None
