"""What every peer does with a text: exactly what ours does, so that only the servers differ."""

import gc
import os

import msgspec
from starlette.responses import Response

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model

_encode = msgspec.json.Encoder().encode


def open_scorer() -> Scorer:
    """Return the default model of the store, ready to answer in this process."""
    settings = Settings.from_environ(os.environ)
    model = open_model(settings.references[0], settings)
    scorer = Scorer(model, max_characters=settings.max_characters).prepare()
    scorer.start()
    # As ours does: the collector need not go through the model again and again.
    gc.collect()
    gc.freeze()
    return scorer


def respond(scorer: Scorer, text: str) -> Response:
    """Return the answer to one text, encoded: the frameworks' own encoders would take longer."""
    return Response(_encode(scorer.score([text])[0]), media_type="application/json")
