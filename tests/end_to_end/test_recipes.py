"""From a recipe and a labelled file to an answer over HTTP, for families that train without torch."""

import json
from collections.abc import Iterator
from itertools import product

import pytest

from tests.cli.running import sentigrade
from tests.end_to_end.stack import Stack, ready
from tests.live import Reply, call

NEUTRAL = ("The train is late", "Nobody saw it", "The garden is green", "It may rain", "We had soup", "She reads")
PROFANE = ("the damned thing", "that damned bus", "a damned mess", "this damned rain", "those damned stairs")
THREATS = ("I will find you", "I will hurt you", "you will regret it", "I will burn your barn", "you will pay for it")
TOPICS = {"Food": ("soup", "bread", "cheese", "an apple"), "Travel": ("a train", "a boat", "the road", "a bridge")}

RECIPES = {
    "tone": """
        name = "tone"
        thresholds = { profanity = 1, threat = { recall = 0.9 } }
        [data]
        train = "tones.csv"
        text = "comment"
        flags = ["profanity", "threat"]
        """,
    "topics": """
        name = "topics"
        family = "fasttext"
        parameters = { epochs = 60, lr = 0.5, bucket = 1_000 }
        [data]
        train = "topics.txt"
        names = { food = "Food", travel = "Travel" }
        """,
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service of the models that the recipes make."""
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "tones.csv").write_text("comment,profanity,threat\n" + "".join(tones()))
    (folder / "topics.txt").write_text("".join(topics()))
    for name, recipe in RECIPES.items():
        (folder / f"{name}.toml").write_text(recipe)
        trained = sentigrade("train", folder / f"{name}.toml", "--store", folder / "store")
        assert trained.returncode == 0, trained.stderr
    with ready(
        folder, SENTIGRADE_STORE=str(folder / "store"), SENTIGRADE_MODELS=",".join(RECIPES), SENTIGRADE_WORKERS="1"
    ) as running:
        yield running


def tones() -> Iterator[str]:
    """Every sentence has the same words between its parts, so that these alone tell what it is."""
    for plain in NEUTRAL:
        yield from (f"{plain} and {other},0,0\n" for other in NEUTRAL)
        yield from (f"{plain} and {profane},1,0\n" for profane in PROFANE)
        yield from (f"{plain} and {threat},0,1\n" for threat in THREATS)
        yield from (
            f"{plain} and {profane} and {threat},1,1\n" for profane, threat in zip(PROFANE, THREATS, strict=True)
        )


def topics() -> Iterator[str]:
    for topic, things in TOPICS.items():
        for thing, plain in product(things, NEUTRAL):
            yield f"__label__{topic.lower()} {plain} with {thing}\n"


def ask(stack: Stack, **body: object) -> Reply:
    return call(stack.port, "POST", "/", json.dumps(body).encode(), {"Content-Type": "application/json"})


def test_a_policy_of_the_recipe_allows_profanity_and_never_a_threat(stack: Stack) -> None:
    answer = ask(stack, mytext="That damned bus is late and I will hurt you").json
    assert answer["labels"] == ["threat"]
    assert answer["probabilities"]["profanity"] > 0.5
    assert answer["thresholds"]["profanity"] == 1
    assert ask(stack, mytext="That damned bus is late").json["labels"] == []


def test_a_caller_may_have_a_stricter_policy(stack: Stack) -> None:
    answer = ask(stack, mytext="That damned bus is late and I will hurt you", thresholds={"profanity": 0.5}).json
    assert sorted(answer["labels"]) == ["profanity", "threat"]


def test_a_recipe_of_fasttext_is_served_beside_it(stack: Stack) -> None:
    answers = ask(stack, mytext=["We had soup and cheese", "The boat is late"], model="topics").json["answers"]
    assert [answer["label"] for answer in answers] == ["Food", "Travel"]
    assert sum(answers[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_the_versions_say_of_which_family_they_are(stack: Stack) -> None:
    models = call(stack.port, "GET", "/v1/models").json["models"]
    assert {model["model"]: model["family"] for model in models} == {"tone": "linear", "topics": "fasttext"}
