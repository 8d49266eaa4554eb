"""MLServer: a handler of our own address, in the server's process. Started by `mlserver start FOLDER`."""

import msgspec
from mlserver import MLModel
from mlserver.handlers import custom_handler
from starlette.requests import Request
from starlette.responses import Response

from bench.peers.apps.answering import open_scorer, respond


class _Body(msgspec.Struct):
    mytext: str


_decode = msgspec.json.Decoder(_Body).decode


class Sentigrade(MLModel):
    """Our model behind MLServer."""

    async def load(self) -> bool:
        """Load the model."""
        self._scorer = open_scorer()
        return True

    @custom_handler(rest_path="/v1/predict")
    async def answer(self, request: Request) -> Response:
        """Answer one text."""
        return respond(self._scorer, _decode(await request.body()).mytext)
