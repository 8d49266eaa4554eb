import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest
from sentigrade.labels import FIVE_LEVELS, make_labels
from sentigrade.wire.blazingtext import PredictionEncoder, decode_request
from tests.wire.rows.answering import ANSWER, REJECTION

PREDICTIONS = PredictionEncoder(FIVE_LEVELS)
TOP_TWO = ["__label__positive", "__label__somewhat_positive"]

Texts = st.text(st.characters(exclude_categories=["Cs"]))


def decoded(body: object) -> tuple[list[str], int]:
    request = decode_request(json.dumps(body).encode(), max_texts=3)
    assert request
    return request.instances, request.configuration.k


@given(st.lists(Texts, min_size=1, max_size=3), st.integers(min_value=1))
def test_instances_are_texts_and_k_says_how_many_labels(texts: list[str], k: int) -> None:
    assert decoded({"instances": texts, "configuration": {"k": k}}) == (texts, k)


@pytest.mark.parametrize("body", [{"instances": ["a"]}, {"instances": ["a"], "configuration": {}}])
def test_without_k_it_is_one_label(body: dict[str, Any]) -> None:
    assert decoded(body) == (["a"], 1)


@pytest.mark.parametrize(
    ("body", "pointer", "advice"),
    [
        ({"instances": "secret"}, "/instances", "a list of texts"),
        ({"instances": ["a", 7]}, "/instances/1", "each of them a string"),
        ({"instances": [["secret"]]}, "/instances/0", "each of them a string"),
        ({"instances": []}, "/instances", "holds 0 texts; send 1 to 3"),
        ({"instances": ["a"] * 4}, "/instances", "holds 4 texts; send 1 to 3"),
        ({"instances": ["a"], "configuration": 2}, "/configuration", '{"k": 2}'),
        ({"instances": ["a"], "configuration": {"k": 0}}, "/configuration/k", "from 1"),
        ({"instances": ["a"], "configuration": {"k": "secret"}}, "/configuration/k", "whole number"),
        ({"instances": ["a"], "configuration": {"k": 1.5}}, "/configuration/k", "whole number"),
        ({"instances": ["a"], "configuration": {"secret": 1}}, "/configuration", '{"k": 2}'),
        ({"instances": ["a"], "secret": 1}, "", "and nothing else"),
        ({"instances": ["a"], "mytext": "secret"}, "", "and nothing else"),
        ({"configuration": {"k": 2}}, "", '{"instances"'),
        ({"instances": ["a"], "x - at `$ secret`": 1}, "", "and nothing else"),
        ({"instances": ["a"], "x - at `$.secret`": 1}, "", "and nothing else"),
    ],
)
def test_a_request_of_the_wrong_shape_is_refused_with_its_place(body: object, pointer: str, advice: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decoded(body)
    assert caught.value.pointer == pointer
    assert advice in caught.value.detail
    assert "secret" not in caught.value.detail


@pytest.mark.parametrize(
    "body",
    [
        b'{"mytext": "a"}',
        b'"instances"',
        b"[1]",
        b"{}",
        b"",
        b'{"instances": [',
        b'{"instances": ["\xff"]}',
        b'{"instances": ["a"], "x": ' + b"[" * 100_000,
        b"\xff",
    ],
)
def test_whatever_is_no_request_to_blazingtext_is_left_to_others(body: bytes) -> None:
    assert decode_request(body, max_texts=3) is None


def test_each_instance_has_the_ids_of_its_most_probable_labels_first() -> None:
    assert json.loads(PREDICTIONS.encode([ANSWER, REJECTION, ANSWER], 2)) == [
        {"label": TOP_TWO, "prob": [0.4, 0.3]},
        {"error": {"code": REJECTION.code, "detail": REJECTION.detail, "row": 1}},
        {"label": TOP_TWO, "prob": [0.4, 0.3]},
    ]


@pytest.mark.parametrize(("k", "count"), [(1, 1), (5, 5), (6, 5), (10**30, 5)])
def test_no_more_labels_are_given_than_there_are(k: int, count: int) -> None:
    (prediction,) = json.loads(PREDICTIONS.encode([ANSWER], k))
    assert len(prediction["label"]) == len(prediction["prob"]) == count


def test_on_a_line_the_probabilities_come_first() -> None:
    first, second = PREDICTIONS.encode_lines([ANSWER, REJECTION], 2).splitlines()
    assert first == b'{"prob":[0.4,0.3],"label":["__label__positive","__label__somewhat_positive"]}'
    assert json.loads(second)["error"]["row"] == 1


def test_bare_labels_are_parted_by_spaces_as_fasttext_prints_them() -> None:
    assert PREDICTIONS.encode_labels([ANSWER, REJECTION], 2).decode().splitlines() == [
        " ".join(TOP_TWO),
        f"error: {REJECTION.code}",
    ]


def test_of_a_multi_label_model_the_most_probable_are_given_whatever_their_thresholds() -> None:
    labels = make_labels(["Toxic, very", "Insult"], ordered=False)
    answer = Answer(labels=(), probabilities={"Toxic, very": 0.1, "Insult": 0.2}, model="toxicity", version=1)
    assert json.loads(PredictionEncoder(labels).encode([answer], 2)) == [
        {"label": ["__label__insult", "__label__toxic_very"], "prob": [0.2, 0.1]}
    ]


def test_an_empty_list_of_outcomes_is_an_empty_list() -> None:
    outcomes: list[Answer | Rejection] = []
    assert PREDICTIONS.encode(outcomes, 1) == b"[]"
