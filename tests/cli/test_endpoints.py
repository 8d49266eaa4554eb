"""An endpoint becomes a model of a store, and the command line asks it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentigrade.answer import Answer
from sentigrade.labels import FIVE_LEVELS
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from tests.cli.running import as_json, bad_model, failure, printed, refusal, sentigrade
from tests.endpoint_server import EndpointServer, as_blazingtext, endpoint_server
from tests.endpoint_server import refusal as refused
from tests.environment import set_variables
from tests.live import DEFAULT_MODEL

TEXTS = ["a superb film .", "a dull plot .", ""]
LEVELS = ",".join(FIVE_LEVELS.names)
HERE = ("--region", "eu-west-1", "--labels", LEVELS, "--ordered")


@pytest.fixture(scope="module")
def behind() -> Scorer:
    """The model behind the endpoint: the default one, which five levels suit."""
    return Scorer(load_model(DEFAULT_MODEL), max_characters=1000)


@pytest.fixture
def server(behind: Scorer, monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointServer]:
    with endpoint_server(as_blazingtext(behind)) as running:
        set_variables(monkeypatch, running.environ)
        yield running


def test_adopted_verified_and_asked(server: EndpointServer, behind: Scorer, tmp_path: Path) -> None:
    store = tmp_path / "store"
    made = as_json("adopt-endpoint", "My-Reviews", *HERE, "--license", "own", "--store", store)
    assert (made["name"], made["version"], made["promoted"]) == ("my-reviews", 1, True)
    assert server.invocations == []
    assert "is sound and answers" in printed("verify", "my-reviews@1", "--store", store)
    lines = printed("predict", "--model", "my-reviews", "--store", store, *TEXTS).splitlines()
    for answer, expected in zip(map(json.loads, lines), behind.score(TEXTS), strict=True):
        assert isinstance(expected, Answer)
        assert (answer["label"], answer["level"]) == (expected.label, expected.level)
        assert answer["probabilities"] == pytest.approx(expected.probabilities, abs=5e-6)
    assert server.invocations[-1].path == "/endpoints/My-Reviews/invocations"


def test_many_lines_of_standard_input_are_asked_in_few_calls(server: EndpointServer, tmp_path: Path) -> None:
    as_json("adopt-endpoint", "reviews", *HERE, "--name", "grades", "--store", tmp_path)
    result = sentigrade("predict", "--model", "grades", "--store", tmp_path, stdin="a film\n" * 100)
    assert (result.returncode, result.stdout.count("\n")) == (0, 100)
    assert len(server.invocations) == 2


def test_an_endpoint_that_is_away_is_a_failure_that_may_pass(server: EndpointServer, tmp_path: Path) -> None:
    as_json("adopt-endpoint", "reviews", *HERE, "--store", tmp_path)
    server.stop()
    said = failure(os.EX_TEMPFAIL, "predict", "--model", "reviews", "--store", tmp_path, "a film")
    assert "the endpoint reviews in eu-west-1 cannot be reached" in said
    assert "cannot be reached" in failure(os.EX_TEMPFAIL, "verify", "reviews", "--store", tmp_path)


def test_an_endpoint_that_refuses_is_said(server: EndpointServer, tmp_path: Path) -> None:
    as_json("adopt-endpoint", "reviews", *HERE, "--store", tmp_path)
    server.always = refused(400, "ValidationError")
    assert "check its name and region" in refusal("predict", "--model", "reviews", "--store", tmp_path, "a film")


def test_what_cannot_be_adopted_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    into = ("--store", tmp_path / "store")
    said = refusal("adopt-endpoint", "e", "--region", "eu-west-1", "--labels", "A,a", *into)
    assert "--labels: two labels have the same id" in said
    assert "$.endpoint.region" in bad_model("adopt-endpoint", "e", "--region", "Ireland", "--labels", "A,B", *into)
    assert [*(tmp_path / "store").glob("*/*")] == []
