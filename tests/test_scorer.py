from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.answer import Answer, Sentence
from sentigrade.errors import InvalidRequest
from sentigrade.labels import FIVE_LEVELS
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer

KNOWN_WORDS = [
    "The",
    "plot",
    "is",
    "n't",
    "brilliant",
    "DREADFUL",
    "not",
    ".",
    "<br/>",
    "caf&eacute;",
    "zyx",
    "\U0001f600",
]
ANY_TEXT = st.text(max_size=60) | st.lists(st.sampled_from(KNOWN_WORDS)).map(" ".join)


def answer(scorer: Scorer, text: str, options: Options = Options()) -> Answer:
    (outcome,) = scorer.score([text], options)
    assert isinstance(outcome, Answer)
    return outcome


def test_an_answer_has_every_part_of_its_shape(scorer: Scorer) -> None:
    got = answer(scorer, "A brilliant plot.")
    assert got.label == "Positive"
    assert got.level == 4
    assert got.polarity is not None
    assert got.polarity > 0
    assert tuple(got.probabilities) == FIVE_LEVELS.names
    assert (got.model, got.version) == ("sentiment", 1)
    assert got.scores is None


@given(ANY_TEXT)
def test_probabilities_sum_to_one_and_the_label_is_the_most_probable(scorer: Scorer, text: str) -> None:
    got = answer(scorer, text.replace("\0", ""))
    assert sum(got.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert got.label is not None
    assert got.probabilities[got.label] == max(got.probabilities.values())
    assert got.level is not None
    assert FIVE_LEVELS.names[got.level] == got.label


@given(ANY_TEXT)
def test_polarity_is_the_expected_level_rescaled(scorer: Scorer, text: str) -> None:
    got = answer(scorer, text.replace("\0", ""))
    expected = sum(p * level for level, p in enumerate(got.probabilities.values())) / 2 - 1
    assert got.polarity == pytest.approx(expected, abs=1e-5)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_scores_are_those_of_the_pickled_pipeline(small_store: Path, model: Model, texts: list[str]) -> None:
    pipeline = joblib.load(small_store / "sentiment" / "1" / "model.joblib")
    ours = model.classifier.score(model.cleaner.clean(texts))
    np.testing.assert_allclose(ours, pipeline.decision_function(model.cleaner.clean(texts)), atol=1e-6)


@given(st.lists(ANY_TEXT, min_size=1, max_size=6))
def test_one_by_one_equals_all_at_once(scorer: Scorer, texts: list[str]) -> None:
    assert scorer.score(texts) == [scorer.score([text])[0] for text in texts]


def test_long_lists_keep_their_order(scorer: Scorer) -> None:
    texts = [f"A {word} plot number {number}." for number in range(400) for word in ("brilliant", "dreadful")]
    labels = [outcome.label for outcome in scorer.score(texts) if isinstance(outcome, Answer)]
    assert labels == ["Positive", "Negative"] * 400


def test_scores_are_given_on_request(scorer: Scorer) -> None:
    got = answer(scorer, "A dull plot.", Options(scores=True))
    assert got.scores is not None
    assert tuple(got.scores) == FIVE_LEVELS.names


def test_an_empty_text_is_answered_like_an_unknown_word(scorer: Scorer) -> None:
    assert answer(scorer, "").probabilities == answer(scorer, "xyzzy").probabilities


def test_a_text_that_is_too_long_is_rejected_and_its_neighbours_stand(scorer: Scorer) -> None:
    good, bad, other = scorer.score(["A brilliant plot.", "x" * 1001, "A dull plot."])
    assert isinstance(good, Answer)
    assert isinstance(other, Answer)
    assert not isinstance(bad, Answer)
    assert bad.code == "text_too_long"
    assert "1,001 characters; send at most 1,000" in bad.detail


def test_a_nul_character_is_rejected(scorer: Scorer) -> None:
    (outcome,) = scorer.score(["A \0 plot"])
    assert not isinstance(outcome, Answer)
    assert outcome.code == "nul_character"


@pytest.mark.parametrize("text", ["half a pair \ud83d", "no UTF-8 \udcff"])
def test_what_is_no_unicode_is_rejected(scorer: Scorer, text: str) -> None:
    (outcome,) = scorer.score([text])
    assert not isinstance(outcome, Answer)
    assert outcome.code == "not_unicode"


def test_no_texts_have_no_answers(scorer: Scorer) -> None:
    assert scorer.score([]) == []


def test_the_most_probable_labels_alone_come_in_their_order(scorer: Scorer) -> None:
    whole = answer(scorer, "A brilliant plot.", Options(scores=True))
    got = answer(scorer, "A brilliant plot.", Options(scores=True, top_k=2))
    best, second = sorted(whole.probabilities, key=whole.probabilities.__getitem__, reverse=True)[:2]
    assert list(got.probabilities.items()) == [(name, whole.probabilities[name]) for name in (best, second)]
    assert got.scores is not None
    assert list(got.scores) == [best, second]


def test_more_labels_than_there_are_is_all_of_them(scorer: Scorer) -> None:
    assert len(answer(scorer, "A plot.", Options(top_k=99)).probabilities) == 5


def test_thresholds_do_not_fit_a_model_with_one_label(scorer: Scorer) -> None:
    with pytest.raises(InvalidRequest, match="thresholds are for multi-label models") as caught:
        scorer.score(["A plot."], Options(thresholds={"Positive": 0.5}))
    assert caught.value.pointer == "/thresholds"


def test_each_sentence_is_answered_as_if_it_came_alone(scorer: Scorer) -> None:
    text = "A brilliant caf&eacute; plot \U0001f600! But Dr. Who is dreadful.<br />The end."
    sentences = answer(scorer, text, Options(sentences=True)).sentences
    assert sentences is not None
    assert [text[one.start : one.end] for one in sentences] == [
        "A brilliant caf&eacute; plot \U0001f600!",
        "But Dr. Who is dreadful.",
        "The end.",
    ]
    for one in sentences:
        assert Sentence.at(one.start, one.end, answer(scorer, text[one.start : one.end])) == one


def test_a_sentence_is_explained_with_offsets_into_the_whole_text(scorer: Scorer) -> None:
    text = "A plain start. A brilliant end."
    sentences = answer(scorer, text, Options(sentences=True, explain=True)).sentences
    assert sentences is not None
    assert sentences[1].explanation is not None
    assert [text[word.start : word.end] for word in sentences[1].explanation.words] == ["A", "brilliant", "end", "."]


def test_a_text_without_words_has_no_sentences(scorer: Scorer) -> None:
    assert answer(scorer, " ", Options(sentences=True)).sentences == ()
