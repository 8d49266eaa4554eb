"""Flask around the pickled pipeline itself: our cleaning and calibration, scikit-learn's own scores."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
from flask import Flask, request
from numpy.typing import NDArray

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.local import LocalStore
from sentigrade.store.reference import parse_reference
from sentigrade.training.linear import decision_scores


class PickledPipeline:
    """A classifier that asks scikit-learn."""

    def __init__(self, path: Path) -> None:
        self._pipeline = joblib.load(path)

    def start(self) -> None:
        """Do nothing: a pipeline survives a fork."""

    def words(self) -> Iterable[str]:
        """Return the single words of the vocabulary."""
        return (term for term in self._pipeline.steps[0][1].vocabulary_ if " " not in term)

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels."""
        return decision_scores(self._pipeline, list(cleaned))


def create_app(settings: Settings) -> Flask:
    """Return an app that answers with the default model of the store."""
    model = LocalStore(Path(settings.store)).load(parse_reference(settings.references[0]))
    folder = Path(settings.store) / model.manifest.name / str(model.manifest.version)
    pipeline = PickledPipeline(folder / "model.joblib")
    scorer = Scorer(model._replace(classifier=pipeline), max_characters=settings.max_characters).prepare()
    app = Flask(__name__)

    @app.post("/v1/predict")
    def predict() -> Any:  # noqa: ANN401 - Flask encodes whatever JSON can hold
        return msgspec.to_builtins(scorer.score([request.get_json()["mytext"]])[0])

    return app


app = create_app(Settings.from_environ(os.environ))
