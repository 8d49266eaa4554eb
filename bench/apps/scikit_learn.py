"""Flask around the pickled pipeline itself: our cleaning and calibration, scikit-learn's own scores."""

import os
from typing import Any

import msgspec
from flask import Flask, request

from bench.pickled_pipeline import pickled
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model


def create_app(settings: Settings) -> Flask:
    """Return an app that answers with the default model of the store."""
    model = pickled(open_model(settings.references[0], settings))
    scorer = Scorer(model, max_characters=settings.max_characters).prepare()
    app = Flask(__name__)

    @app.post("/v1/predict")
    def predict() -> Any:  # noqa: ANN401 - Flask encodes whatever JSON can hold
        return msgspec.to_builtins(scorer.score([request.get_json()["mytext"]])[0])

    return app


app = create_app(Settings.from_environ(os.environ))
