"""LitServe: an API process hands each request to an inference process. `python -m bench.peers.apps.litserve PORT`."""

import sys
from typing import Any

from litserve import LitAPI, LitServer
from starlette.responses import Response

from bench.peers.apps.answering import open_scorer, respond


class Sentigrade(LitAPI):
    """Our model behind LitServe."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - our model knows one device
        """Load the model, in the inference process."""
        self._scorer = open_scorer()

    def decode_request(self, request: dict[str, Any]) -> str:
        """Return the text of a request."""
        text: str = request["mytext"]
        return text

    def predict(self, text: str) -> Response:
        """Return the answer."""
        return respond(self._scorer, text)

    def encode_response(self, answer: Response) -> Response:
        """Leave the answer as it is."""
        return answer


def main(port: int) -> None:
    """Serve until a signal comes."""
    api = Sentigrade(api_path="/v1/predict")
    server = LitServer(api, accelerator="cpu", devices=1, workers_per_device=1, fast_queue=True)
    server.run(host="127.0.0.1", port=port, generate_client_file=False, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
