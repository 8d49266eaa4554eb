from collections.abc import Sequence

import pytest

from sentigrade.answer import Answer, Rejection
from sentigrade.batch import patience
from sentigrade.batch.patience import Patience, PatientScore
from sentigrade.errors import EndpointError, EndpointUnreachable
from tests.wire.rows.answering import ANSWER, REJECTION

THREE = Patience(first=1, factor=2, longest=3, pauses=3)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none takes any time."""
    pauses: list[float] = []
    monkeypatch.setattr(patience, "sleep", pauses.append)
    return pauses


class Endpoint:
    """Does not answer so many times, refuses some texts, and writes down what it was asked."""

    def __init__(self, *, away: int = 0, refuses: Sequence[str] = ()) -> None:
        self.away = away
        self._refuses = refuses
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[Answer | Rejection]:
        self.asked.append(list(texts))
        if self.away:
            self.away -= 1
            raise EndpointUnreachable("it has too much to do")
        if set(texts) & set(self._refuses):
            raise EndpointError("it says 400")
        return [REJECTION if text == "too long" else ANSWER for text in texts]


@pytest.mark.parametrize("away", [0, 1, 3])
def test_it_asks_again_until_it_is_answered(away: int, slept: list[float]) -> None:
    endpoint = Endpoint(away=away)
    assert PatientScore(endpoint, THREE)(["a", "too long"]) == [ANSWER, REJECTION]
    assert len(endpoint.asked) == 1 + away
    assert len(slept) == away


def test_its_patience_comes_to_an_end(slept: list[float]) -> None:
    endpoint = Endpoint(away=4)
    with pytest.raises(EndpointUnreachable, match="too much to do"):
        PatientScore(endpoint, THREE)(["a", "b"])
    assert endpoint.asked == [["a", "b"]] * 4
    assert len(slept) == 3


def test_pauses_grow_up_to_the_longest_and_are_shortened_at_random(slept: list[float]) -> None:
    seen = [list(Patience(first=1, factor=2, longest=3, pauses=4).seconds()) for _ in range(200)]
    for most, pauses in zip((1, 2, 3, 3), zip(*seen, strict=True), strict=True):
        assert most / 2 <= min(pauses) < most * 0.6 < most * 0.9 < max(pauses) <= most


def test_by_default_it_waits_for_some_minutes() -> None:
    assert 60 < sum(Patience().seconds()) < 600


def test_a_text_that_is_refused_is_a_rejection_and_its_neighbours_are_answered(slept: list[float]) -> None:
    endpoint = Endpoint(refuses=["bad", "worse"])
    refusal = Rejection(code="endpoint_failed", detail="it says 400")
    assert PatientScore(endpoint, THREE)(["a", "bad", "b", "worse", "too long"]) == [
        *(ANSWER, refusal, ANSWER),
        *(refusal, REJECTION),
    ]
    assert endpoint.asked[1:] == [["a"], ["bad"], ["b"], ["worse"], ["too long"]]
    assert slept == []


@pytest.mark.parametrize("texts", [["bad"], ["bad", "worse"], ["bad", "too long"]])
def test_where_all_are_refused_nothing_is_wrong_with_the_texts(texts: list[str], slept: list[float]) -> None:
    with pytest.raises(EndpointError, match="it says 400") as caught:
        PatientScore(Endpoint(refuses=["bad", "worse"]), THREE)(texts)
    assert not isinstance(caught.value, EndpointUnreachable)


def test_it_is_patient_with_each_text_that_it_sends_by_itself(slept: list[float]) -> None:
    endpoint = Endpoint(refuses=["bad"])

    def score(texts: Sequence[str]) -> list[Answer | Rejection]:
        if len(endpoint.asked) == 1:
            endpoint.away = 3
        return endpoint(texts)

    answers = PatientScore(score, THREE)(["a", "bad"])
    assert [isinstance(answer, Answer) for answer in answers] == [True, False]
    assert len(slept) == 3


def test_an_endpoint_that_goes_away_meanwhile_makes_no_rejections(slept: list[float]) -> None:
    endpoint = Endpoint(refuses=["bad"])

    def score(texts: Sequence[str]) -> list[Answer | Rejection]:
        endpoint.away = int(texts == ["b"])
        return endpoint(texts)

    with pytest.raises(EndpointUnreachable):
        PatientScore(score, THREE)(["a", "bad", "b"])
    assert len(slept) == 3


def test_no_texts_are_no_answers(slept: list[float]) -> None:
    assert PatientScore(Endpoint(), THREE)([]) == []
