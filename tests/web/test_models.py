"""What callers are told of the models."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient

from sentigrade.model import Model
from sentigrade.places import MISSING, REFUSED, Place, write_places
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app


def test_each_model_is_listed_with_its_version_and_labels(client: FlaskClient, model: Model) -> None:
    assert client.get("/v1/models").json == {
        "models": [
            {
                "model": "sentiment",
                "version": 1,
                "digest": f"sha256:{model.digest}",
                "family": "linear",
                "labels": ["Negative", "Somewhat Negative", "Neutral", "Somewhat Positive", "Positive"],
            }
        ]
    }


def test_one_model_is_described_by_its_manifest_and_card(client: FlaskClient, model: Model) -> None:
    described = client.get("/v1/models/sentiment").json
    assert described is not None
    assert described["metrics"] == model.manifest.metrics
    assert described["label_set"] == json.loads(msgspec.json.encode(model.manifest.labels))
    assert described["card"].startswith("# sentiment\n")
    assert (described["license"], described["created"]) == ("self-written", model.manifest.created)


def test_a_model_that_is_not_served_is_not_found(client: FlaskClient) -> None:
    reply = client.get("/v1/models/oracle")
    assert (reply.status_code, reply.content_type) == (404, "application/problem+json")
    assert "served are sentiment" in reply.text


class TestWithPlaces:
    """What the server and its watcher have written down."""

    @pytest.fixture
    def places(self, tmp_path: Path, model: Model) -> Path:
        write_places(
            tmp_path / "places.json",
            [
                Place(
                    reference="sentiment",
                    name="sentiment",
                    folder="somewhere",
                    digest=model.digest,
                    versions=(1, 2),
                    promoted=2,
                    notice=REFUSED,
                ),
                Place(reference="topics", name="topics", notice=MISSING),
            ],
        )
        return tmp_path / "places.json"

    @pytest.fixture
    def client(self, scorer: Scorer, places: Path) -> FlaskClient:
        app = create_app([scorer, None], Settings(), places)
        app.extensions["sentigrade"].start()
        return app.test_client()

    def test_the_store_s_versions_and_the_notice_are_told(self, client: FlaskClient) -> None:
        (sentiment, topics) = client.get("/v1/models").json["models"]  # type: ignore[index]  # it is JSON
        assert (sentiment["version"], sentiment["versions"], sentiment["promoted"]) == (1, [1, 2], 2)
        assert sentiment["notice"] == REFUSED
        assert topics == {"model": "topics", "notice": MISSING}

    def test_nobody_is_told_where_it_lies(self, client: FlaskClient) -> None:
        assert "somewhere" not in client.get("/v1/models").text + client.get("/v1/models/sentiment").text

    def test_metrics_tell_the_same(self, client: FlaskClient) -> None:
        lines = client.get("/metrics").text.splitlines()
        (info,) = (line for line in lines if line.startswith("sentigrade_model_info{"))
        assert re.fullmatch(
            r'sentigrade_model_info\{digest="sha256:[0-9a-f]{64}",family="linear",model="sentiment",version="1"\} 1\.0',
            info,
        )
        assert 'sentigrade_model_notice{model="sentiment"} 1.0' in lines
        assert 'sentigrade_model_notice{model="topics"} 1.0' in lines

    def test_the_service_is_not_ready_and_answers_with_what_is_there(self, client: FlaskClient) -> None:
        reply = client.get("/health/ready")
        assert reply.status_code == 503
        assert f"topics: {MISSING}" in reply.text
        assert client.post("/", json={"mytext": "A brilliant plot."}).status_code == 200
        reply = client.post("/", json={"mytext": "A brilliant plot.", "model": "topics"})
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
