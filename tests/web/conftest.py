import pytest
from flask import Flask
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app

LIMITS = Settings(max_body_bytes=50_000, max_texts=10_000)


@pytest.fixture
def app(scorer: Scorer) -> Flask:
    app = create_app([scorer], LIMITS)
    app.extensions["sentigrade"].start()
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
