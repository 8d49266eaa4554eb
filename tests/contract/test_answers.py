"""What is asked is what is answered: each text, in its place, whatever it is."""

import numpy as np
import pytest

from sentigrade.answer import Answer
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from tests.contract.cases import Case
from tests.contract.written import ODD_TEXTS

WITH_SCORES = Options(scores=True)


def answers(scorer: Scorer, texts: list[str], options: Options = WITH_SCORES) -> list[Answer]:
    outcomes = scorer.score(texts, options)
    return [outcome for outcome in outcomes if isinstance(outcome, Answer)]


def test_a_model_answers_what_it_has_learned(case: Case, scorer: Scorer) -> None:
    examples = case.written.examples
    given = [answer.applying for answer in answers(scorer, examples.texts)]
    flags = examples.labels if examples.labels.ndim == 2 else np.eye(len(case.labels))[examples.labels]
    learned = [tuple(np.array(case.labels.names)[row > 0]) for row in flags]
    assert sum(set(one) == set(other) for one, other in zip(given, learned, strict=True)) > 0.8 * len(given)


def test_shuffled_texts_get_the_shuffled_answers(scorer: Scorer, texts: list[str]) -> None:
    order = np.random.default_rng(8).permutation(len(texts)).tolist()
    in_order = answers(scorer, texts)
    assert len({str(answer.scores) for answer in in_order}) > 10
    assert answers(scorer, [texts[position] for position in order]) == [in_order[position] for position in order]


def test_one_by_one_equals_all_at_once(model: Model, scorer: Scorer, texts: list[str]) -> None:
    asked = [*texts[:20], *ODD_TEXTS.values()]
    assert answers(scorer, asked) == [answers(scorer, [text])[0] for text in asked]
    cleaned = model.cleaner.clean(asked)
    alone = np.concatenate([model.classifier.score([text]) for text in cleaned])
    np.testing.assert_allclose(model.classifier.score(cleaned), alone, rtol=0, atol=1e-9)


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_any_text_gets_finite_scores_and_valid_probabilities(case: Case, scorer: Scorer, text: str) -> None:
    (answer,) = answers(scorer, [text])
    assert answer.scores is not None
    assert tuple(answer.scores) == tuple(answer.probabilities) == case.labels.names
    assert np.isfinite([*answer.scores.values()]).all()
    assert all(0 <= probability <= 1 for probability in answer.probabilities.values())
    assert set(answer.applying) <= set(case.labels.names)
    if case.labels.kind != "multilabel":
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-6 * len(case.labels))
        assert answer.label == max(answer.probabilities, key=answer.probabilities.__getitem__)


def test_scores_are_numbers_of_texts_by_labels(case: Case, model: Model, texts: list[str]) -> None:
    scores = model.classifier.score(model.cleaner.clean(texts))
    assert scores.shape == (len(texts), len(case.labels))
    assert scores.dtype == np.float64


def test_its_words_are_words_and_warming_the_cleaner_with_them_changes_no_answer(
    model: Model, scorer: Scorer, texts: list[str]
) -> None:
    words = list(model.classifier.words())
    assert len(set(words)) == len(words)
    assert [word for word in words if word.split() != [word]] == []
    asked = [*texts, *ODD_TEXTS.values(), *words]
    cold = Scorer(model._replace(cleaner=type(model.cleaner)(model.manifest.cleaning)), max_characters=100_000)
    assert answers(scorer, asked) == answers(cold, asked)
