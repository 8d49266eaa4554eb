from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from tests.model_copies import named, place

StartWorker = Callable[[], FlaskClient]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder that callers may load from."""
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def settings(root: Path) -> Settings:
    return Settings(multi_model=str(root), workers=1)


@pytest.fixture
def small_folder(small_store: Path) -> Path:
    """The small model's folder, read-only."""
    return small_store / "sentiment" / "1"


@pytest.fixture
def reviews(root: Path, small_folder: Path) -> str:
    """The url of a model that calls itself reviews."""
    return place(small_folder, root / "reviews" / "model", named("reviews"))


@pytest.fixture
def start_worker(scorer: Scorer, settings: Settings, tmp_path: Path) -> StartWorker:
    """Starts one more worker of the same service."""

    def start() -> FlaskClient:
        app = create_app([scorer], settings, loaded=tmp_path / "loaded")
        app.extensions["sentigrade"].start()
        return app.test_client()

    return start


@pytest.fixture
def client(start_worker: StartWorker) -> FlaskClient:
    return start_worker()
