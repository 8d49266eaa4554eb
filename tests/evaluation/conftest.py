from itertools import product
from pathlib import Path

import pytest

from sentigrade.data.examples import Examples
from sentigrade.evaluation.evaluate import Evaluation, evaluate
from sentigrade.labels import make_multilabel
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from sentigrade.training.train import Recipe, train
from tests.conftest import WORDS_BY_LEVEL

# What a review may speak of: one thing, several, or nothing.
WORDS_BY_ASPECT = {"Story": ("plot", "script"), "Cast": ("acting", "heroine"), "Sound": ("music", "noise")}


@pytest.fixture
def evaluation(scorer: Scorer) -> Evaluation:
    """What the small model says of fifteen new texts, one of them labelled wrongly."""
    texts = [f"A {word} scene." for words in WORDS_BY_LEVEL for word in words]
    levels = [level for level, words in enumerate(WORDS_BY_LEVEL) for _ in words]
    return evaluate(scorer, Examples.of_whole_texts("scenes.csv", texts, [*levels[:-1], 0]))


def speaking_of_aspects(name: str, *openings: str) -> Examples:
    """Return sixteen texts an opening, two of each combination of the three aspects."""
    texts, labels = [], []
    for opening, word, applies in product(openings, (0, 1), product((0, 1), repeat=3)):
        aspects = zip(WORDS_BY_ASPECT.values(), applies, strict=True)
        texts.append(" ".join([opening, *(words[word] for words, spoken in aspects if spoken), "today"]))
        labels.append(applies)
    return Examples.of_whole_texts(name, texts, labels)


@pytest.fixture(scope="session")
def aspects_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small multi-label model, really trained; its threshold of Sound is "never". Treat it as read-only."""
    folder = tmp_path_factory.mktemp("aspects")
    examples = speaking_of_aspects("written", "We saw", "They praise", "You mention", "I recall")
    labels = make_multilabel(list(WORDS_BY_ASPECT))
    held_out = speaking_of_aspects("later", "She likes")
    recipe = Recipe(name="aspects", labels=labels, license="self-written", thresholds={"sound": 1.0})
    train(recipe, examples, [held_out], folder)
    return folder


@pytest.fixture(scope="session")
def aspects(aspects_folder: Path) -> Scorer:
    scorer = Scorer(load_model(aspects_folder), max_characters=1000).prepare()
    scorer.start()
    return scorer


@pytest.fixture
def several(aspects: Scorer) -> Evaluation:
    """What that model says of sixteen new texts."""
    return evaluate(aspects, speaking_of_aspects("asked.csv", "He hears"))
