import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.answer import Answer, Explanation
from sentigrade.errors import InvalidRequest
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer

PIECES = [
    "The",
    "plot",
    "is",
    "n't",
    "brilliant",
    "DREADFUL",
    "not",
    "weak,",
    "<b>dull</b>",
    "<br/>",
    "caf&eacute;",
    "\ufb01lm",
    "\uff30\uff2c\uff2f\uff34",
    "\u201cplain\u201d",
    "cast\u2014script",
    "zyx",
    "\U0001f600",
    "\u05e2\u05d1\u05e8\u05d9\u05ea",
    "a\u0301",
]
ANY_TEXT = st.text(max_size=60) | st.lists(st.sampled_from(PIECES)).map(" ".join)


def explained(scorer: Scorer, text: str) -> tuple[Answer, Explanation]:
    (outcome,) = scorer.score([text.replace("\0", "")], Options(scores=True, explain=True))
    assert isinstance(outcome, Answer)
    assert outcome.explanation is not None
    return outcome, outcome.explanation


@given(ANY_TEXT)
def test_base_and_weights_add_up_to_the_score_of_the_label(scorer: Scorer, text: str) -> None:
    answer, explanation = explained(scorer, text)
    assert answer.scores is not None
    assert explanation.label == answer.label
    assert explanation.score == answer.scores[answer.label]
    total = explanation.base + sum(word.weight for word in explanation.words)
    assert total == pytest.approx(explanation.score, abs=1e-9)


@given(ANY_TEXT)
def test_words_stand_in_the_raw_text_in_their_order(scorer: Scorer, text: str) -> None:
    words = explained(scorer, text)[1].words
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)


def test_a_word_is_found_behind_markup_emoji_and_ligatures(scorer: Scorer) -> None:
    text = "\U0001f600<p>A <b>dread</b>ful \ufb01lm: caf&eacute;</p>"
    words = explained(scorer, text)[1].words
    assert [text[word.start : word.end] for word in words] == [
        "\U0001f600",
        "A",
        "dread</b>ful",
        "\ufb01lm",
        ":",
        "caf&eacute;",
    ]


def test_the_word_that_decides_weighs_most(scorer: Scorer) -> None:
    text = "The plot is brilliant."
    words = explained(scorer, text)[1].words
    heaviest = max(words, key=lambda word: word.weight)
    assert text[heaviest.start : heaviest.end] == "brilliant"


def test_a_text_without_words_is_all_base(scorer: Scorer) -> None:
    _, explanation = explained(scorer, "")
    assert explanation.base == explanation.score
    assert explanation.words == ()


class Opaque:
    """A classifier that cannot say why."""


def test_a_family_without_explanations_says_so(model: Model) -> None:
    scorer = Scorer(model._replace(classifier=Opaque()), max_characters=10)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(InvalidRequest, match="linear, which offers no explanations; leave explain out") as caught:
        scorer.score(["A plot."], Options(explain=True))
    assert caught.value.pointer == "/explain"
