from collections.abc import Callable, Sequence

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from sentigrade.labels import LabelSet
from sentigrade.model import Model
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from tests.test_answering import EACH_ALONE, LABELS
from tests.web.reference.validating import Part, document_of

MOST_CHARACTERS = 1000
LIMITS = Settings(max_body_bytes=50_000, max_texts=100, max_characters=MOST_CHARACTERS)

Serve = Callable[..., FlaskClient]


@pytest.fixture
def serve() -> Serve:
    """Starts a service of some models, with the limits above or other settings."""

    def start(scorers: Sequence[Scorer | None], settings: Settings = LIMITS) -> FlaskClient:
        app = create_app(scorers, settings)
        app.extensions["sentigrade"].start()
        return app.test_client()

    return start


@pytest.fixture
def client(serve: Serve, scorer: Scorer) -> FlaskClient:
    return serve([scorer])


@pytest.fixture
def document(client: FlaskClient) -> Part:
    """What the small model's service says of itself."""
    return document_of(client)


@pytest.fixture(scope="session")
def moods(model: Model) -> Scorer:
    """The small model, whose labels no longer exclude each other."""
    return _started(model._replace(manifest=replace(model.manifest, labels=LABELS, calibration=EACH_ALONE)), "moods")


@pytest.fixture(scope="session")
def topics(model: Model) -> Scorer:
    """The small model, whose labels have lost their order."""
    items = tuple(replace(label, polarity=None) for label in model.manifest.labels.items)
    labels = LabelSet(kind="nominal", items=items)
    return _started(model._replace(manifest=replace(model.manifest, labels=labels)), "topics")


@pytest.fixture(scope="session")
def mute(model: Model) -> Scorer:
    """The small model, as one of a family that offers no explanations."""
    return _started(model._replace(classifier=_Mute(model)), "mute")


class _Mute:
    """A classifier that cannot say which words moved its scores."""

    def __init__(self, model: Model) -> None:
        self.words, self.start, self.score = model.classifier.words, model.classifier.start, model.classifier.score


def _started(model: Model, name: str) -> Scorer:
    named = model._replace(manifest=replace(model.manifest, name=name))
    scorer = Scorer(named, max_characters=MOST_CHARACTERS).prepare()
    scorer.start()
    return scorer
