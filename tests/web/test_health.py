import logging
import socket
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray

from sentigrade.model import Model
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app


class BrokenClassifier:
    """Loads, but cannot score."""

    def start(self) -> None:
        pass

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        raise MemoryError

    def words(self) -> Iterable[str]:
        return ()


def test_ready_only_after_a_warm_up_prediction(scorer: Scorer) -> None:
    app = create_app([scorer], Settings())
    client = app.test_client()
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert response.headers["Retry-After"] == "1"
    assert client.get("/health/live").status_code == 200

    app.extensions["sentigrade"].start()
    assert client.get("/health/ready").json == {"status": "ready"}


def test_whoever_names_an_instance_hears_of_no_other(client: FlaskClient) -> None:
    own, another = socket.gethostname(), "another"
    assert client.get("/health/ready", headers={"X-Instance": own}).status_code == 200
    response = client.get("/health/ready", headers={"X-Instance": another})
    assert response.status_code == 503
    assert "another instance answers at this address" in response.text
    assert own not in response.text


def test_the_log_says_which_models_are_ready(scorer: Scorer, model: Model, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        create_app([scorer], Settings()).extensions["sentigrade"].start()
    (record,) = caplog.records
    assert record.__dict__["fields"] == {"models": [f"sentiment@1#sha256:{model.digest}"]}


def test_alive_but_not_ready_when_the_warm_up_fails(model: Model, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app([Scorer(model._replace(classifier=BrokenClassifier()), max_characters=10)], Settings())
    app.extensions["sentigrade"].start()
    client = app.test_client()
    assert client.get("/health/live").status_code == 200
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert "warm-up prediction failed: MemoryError" in response.text
    assert "MemoryError" in caplog.text


@pytest.mark.parametrize("accept", ["*/*", "application/openmetrics-text; version=1.0.0"])
def test_metrics_count_requests_and_answers(client: FlaskClient, accept: str) -> None:
    client.post("/", json={"mytext": ["A brilliant plot.", "A brilliant cast.", "x" * 2000]})
    client.get("/somewhere/else")
    lines = client.get("/metrics", headers={"Accept": accept}).text.splitlines()
    assert 'sentigrade_requests_total{method="POST",path="/",status="200"} 1.0' in lines
    assert 'sentigrade_requests_total{method="GET",path="other",status="404"} 1.0' in lines
    assert 'sentigrade_texts_total{model="sentiment",version="1"} 2.0' in lines
    assert 'sentigrade_labels_total{label="positive",model="sentiment",version="1"} 2.0' in lines
    assert 'sentigrade_rejections_total{code="text_too_long"} 1.0' in lines
    assert 'sentigrade_request_seconds_count{path="/"} 1.0' in lines


def test_metrics_say_how_many_workers_live_and_are_busy(app: Flask) -> None:
    app.extensions["sentigrade.metrics"].start_worker(0, "web")
    lines = app.test_client().get("/metrics").text.splitlines()
    assert 'sentigrade_workers{role="web"} 1.0' in lines
    assert 'sentigrade_worker_starts_total{role="web"} 1.0' in lines
    assert 'sentigrade_requests_in_flight{role="web"} 1.0' in lines  # the one that asks
    assert 'sentigrade_workers{role="rows"} 0.0' in lines
