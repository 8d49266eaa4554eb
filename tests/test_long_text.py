import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sentigrade.answer import Answer
from sentigrade.errors import ModelFolderError
from sentigrade.long_text import LongTextReader
from sentigrade.manifest import LongText
from sentigrade.model import Model, load_model
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.text.profile import CleaningProfile
from tests.live import DEFAULT_MODEL

RULE = LongText(aggregate="sentences", over_words=12, damping=0.5, evenness=0.75, tilt=2.0)
SENTENCES = [
    "The plot is brilliant.",
    "A dreadful <b>cast</b>!",
    "Dr. Dull wrote the script, and what a script it is: plain, usual, horrid.",
    "caf&eacute; \u201cwonderful\u201d \ufb01lm\u2026",
    "<br /><br />",
    "zyx zyx zyx zyx.",
    "\U0001f600 \u05e2\u05d1\u05e8\u05d9\u05ea.",
    "...",
]
ANY_TEXT = st.lists(st.sampled_from(SENTENCES) | st.text(max_size=20), max_size=12).map(" ".join)
EVERYTHING = Options(scores=True, explain=True, sentences=True)


def with_rule(model: Model, rule: LongText) -> Scorer:
    scorer = Scorer(model._replace(manifest=replace(model.manifest, long_text=rule)), max_characters=100_000)
    scorer.start()
    return scorer


@pytest.fixture(scope="module")
def reader(model: Model) -> Scorer:
    """A scorer that reads texts of more than twelve known words by their sentences."""
    return with_rule(model, RULE)


def answer(scorer: Scorer, text: str, options: Options = Options(scores=True)) -> Answer:
    (outcome,) = scorer.score([text.replace("\0", "")], options)
    assert isinstance(outcome, Answer)
    return outcome


def scores(scorer: Scorer, text: str) -> list[float]:
    given = answer(scorer, text).scores
    assert given is not None
    return list(given.values())


@given(ANY_TEXT)
def test_the_words_of_a_long_text_add_up_to_its_score(reader: Scorer, text: str) -> None:
    got = answer(reader, text, EVERYTHING)
    assert got.explanation is not None
    assert got.label is not None
    assert got.scores is not None
    assert got.explanation.score == got.scores[got.label]
    total = got.explanation.base + sum(word.weight for word in got.explanation.words)
    assert total == pytest.approx(got.explanation.score, abs=1e-9)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_long_and_short_texts_side_by_side_are_answered_as_if_alone(reader: Scorer, texts: list[str]) -> None:
    texts = [text.replace("\0", "") for text in texts]
    assert reader.score(texts, EVERYTHING) == [reader.score([text], EVERYTHING)[0] for text in texts]


def test_the_score_weighs_the_whole_and_the_mean_of_the_sentences(reader: Scorer, scorer: Scorer) -> None:
    sentences = ["The plot is brilliant.", "The film is dreadful, horrid and dull.", "The ending is superb."]
    known, lengths = 17, [5, 9, 5]  # the small model knows neither "," nor "and"
    damping = (12 / known) ** 0.5
    evenness = 0.75 * (1 - damping)
    base = np.array(scores(scorer, ""))
    whole = np.array(scores(scorer, " ".join(sentences))) - base
    parts = [(np.array(scores(scorer, one)) - base) / count for one, count in zip(sentences, lengths, strict=True)]
    expected = base + damping * ((1 - evenness) * whole + evenness * sum(lengths) * np.mean(parts, axis=0))
    np.testing.assert_allclose(scores(reader, " ".join(sentences)), expected, atol=1e-5)


def test_a_text_of_no_more_known_words_is_answered_as_a_whole(reader: Scorer, scorer: Scorer) -> None:
    text = "The plot is brilliant. The film is dreadful. It does zyx, and zyx, and then zyx: what zyx."
    assert answer(reader, text) == answer(scorer, text)


@pytest.mark.parametrize("unknown", ["", " zyx" * 40])
def test_nothing_jumps_where_long_texts_begin(model: Model, unknown: str) -> None:
    text = f"The plot is brilliant. The film is dreadful.{unknown} The score is weak"
    short, long = (answer(with_rule(model, replace(RULE, over_words=words)), text) for words in (14, 13))
    assert short.scores is not None
    assert long.scores is not None
    change = np.subtract([*short.scores.values()], [*long.scores.values()])
    assert 0 < np.abs(change).max() < 0.1 * np.abs([*short.scores.values()]).max()
    assert long.polarity == pytest.approx(short.polarity, abs=0.1)


def test_words_that_the_model_does_not_know_do_not_make_a_text_long(reader: Scorer, scorer: Scorer) -> None:
    assert answer(reader, "zyx " * 200) == answer(scorer, "zyx " * 200)


def test_praise_that_goes_on_stays_praise() -> None:
    scorer = Scorer(load_model(DEFAULT_MODEL), max_characters=100_000)
    praise = "A gorgeous, witty film with a wonderful cast. I laughed, I cried and I left the cinema smiling. "
    bore = "A dull, lifeless bore with a clumsy script. Nothing works, nobody cares and the jokes are painful. "
    assert (answer(scorer, praise * 20).polarity or 0) > 0.5
    assert (answer(scorer, bore * 20).polarity or 0) < -0.5


class Opaque:
    """A classifier whose scores are no sums over words."""


def test_a_family_that_is_no_sum_over_words_cannot_be_asked_for_it(model: Model) -> None:
    manifest = replace(model.manifest, long_text=RULE)
    with pytest.raises(ModelFolderError, match="family linear cannot read texts by sentences"):
        LongTextReader.of(model._replace(manifest=manifest, classifier=Opaque()))  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("profile", [CleaningProfile(pipeline="en_core_web_sm"), CleaningProfile(html="keep")])
def test_nor_can_a_cleaner_that_cleans_sentences_differently(model: Model, profile: CleaningProfile) -> None:
    manifest = replace(model.manifest, long_text=RULE, cleaning=profile)
    with pytest.raises(ModelFolderError, match="cleans a sentence in another way"):
        LongTextReader.of(model._replace(manifest=manifest))
