import pytest

from sentigrade.data.examples import Examples
from sentigrade.evaluation.evaluate import Evaluation, evaluate
from sentigrade.scorer import Scorer
from tests.conftest import WORDS_BY_LEVEL


@pytest.fixture
def evaluation(scorer: Scorer) -> Evaluation:
    """What the small model says of fifteen new texts, one of them labelled wrongly."""
    texts = [f"A {word} scene." for words in WORDS_BY_LEVEL for word in words]
    levels = [level for level, words in enumerate(WORDS_BY_LEVEL) for _ in words]
    return evaluate(scorer, Examples.of_whole_texts("scenes.csv", texts, [*levels[:-1], 0]))
