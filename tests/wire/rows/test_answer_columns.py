import pytest
from msgspec.structs import replace

from sentigrade.answer import Answer
from sentigrade.labels import FIVE_LEVELS, make_labels, make_multilabel
from sentigrade.wire.rows.answer_columns import AnswerColumns, free_name
from tests.wire.rows.answering import ANSWER


def test_levels_have_a_number_and_a_polarity() -> None:
    columns = AnswerColumns(FIVE_LEVELS)
    assert dict(zip(columns.names, columns.cells(ANSWER), strict=True)) == {
        "label": "Positive",
        "level": 4,
        "polarity": 0.5,
        "probability_negative": 0.0,
        "probability_somewhat_negative": 0.1,
        "probability_neutral": 0.2,
        "probability_somewhat_positive": 0.3,
        "probability_positive": 0.4,
        "model": "sentiment",
        "version": 1,
    }


def test_alternatives_have_neither() -> None:
    columns = AnswerColumns(make_labels(["World news", "Sport"], ordered=False))
    answer = Answer(label="Sport", probabilities={"World news": 0.25, "Sport": 0.75}, model="topics", version=2)
    assert columns.names == ("label", "probability_world_news", "probability_sport", "model", "version")
    assert columns.cells(answer) == ["Sport", 0.25, 0.75, "topics", 2]


@pytest.mark.parametrize(("labels", "cell"), [((), ""), (("Toxic",), "Toxic"), (("Threat", "Toxic"), "Threat|Toxic")])
def test_any_number_of_labels_is_one_cell(labels: tuple[str, ...], cell: str) -> None:
    columns = AnswerColumns(make_multilabel(["Toxic", "Threat"]))
    answer = Answer(labels=labels, probabilities={"Toxic": 0.5, "Threat": 0.75}, model="toxicity", version=1)
    assert columns.names == ("labels", "probability_toxic", "probability_threat", "model", "version")
    assert columns.cells(answer) == [cell, 0.5, 0.75, "toxicity", 1]


def test_scores_stand_behind_the_probabilities_when_they_are_asked_for() -> None:
    columns = AnswerColumns(FIVE_LEVELS, scores=True)
    answer = replace(ANSWER, scores=dict(zip(FIVE_LEVELS.names, range(5), strict=True)))
    cells = dict(zip(columns.names, columns.cells(answer), strict=True))
    assert [cells[f"score_{label}"] for label in FIVE_LEVELS.ids] == [0, 1, 2, 3, 4]
    assert columns.names[-3:] == ("score_positive", "model", "version")
    assert columns.cells(ANSWER)[-3:] == [None, "sentiment", 1]


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ((), "label"),
        (("text",), "label"),
        (("label",), "answer_label"),
        (("answer_label",), "label"),
        (("answer_label", "label"), "answer_answer_label"),
    ],
)
def test_a_name_that_is_taken_becomes_another(taken: tuple[str, ...], free: str) -> None:
    assert free_name("label", taken) == free
