"""Over HTTP a model answers what its scorer does."""

import json

import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from sentigrade.wire.native import encode_answers
from tests.contract.written import ODD_TEXTS


@pytest.fixture
def client(scorer: Scorer) -> FlaskClient:
    app = create_app([scorer], Settings())
    app.extensions["sentigrade"].start()
    return app.test_client()


@pytest.fixture
def asked(texts: list[str]) -> list[str]:
    return [*texts[:20], *ODD_TEXTS.values()]


@pytest.fixture
def expected(scorer: Scorer, asked: list[str]) -> list[object]:
    answers: list[object] = json.loads(encode_answers(scorer.score(asked), is_list=True))["answers"]
    return answers


def test_a_list_is_answered_as_the_scorer_does(client: FlaskClient, asked: list[str], expected: list[object]) -> None:
    assert client.post("/", json={"mytext": asked}).json == {"answers": expected}


def test_rows_are_answered_as_the_scorer_does(client: FlaskClient, asked: list[str], expected: list[object]) -> None:
    rows = "".join(f"{json.dumps(text)}\n" for text in asked)
    answered = client.post("/", data=rows, content_type="application/x-ndjson", buffered=True)
    assert [json.loads(line) for line in answered.text.splitlines()] == expected
