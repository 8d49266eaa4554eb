"""BentoML: one worker, which answers on its event loop. `bentoml serve bench.peers.apps.bentoml:Sentigrade`."""

from typing import Any

import bentoml

from bench.peers.apps.answering import open_scorer, respond


@bentoml.service(
    workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False}, monitoring={"enabled": False}
)
class Sentigrade:
    """Our model behind BentoML."""

    def __init__(self) -> None:
        self._scorer = open_scorer()

    @bentoml.api(route="/v1/predict")
    async def predict(self, mytext: str) -> Any:  # noqa: ANN401 - BentoML has no schema for a Response
        """Answer one text."""
        return respond(self._scorer, mytext)
