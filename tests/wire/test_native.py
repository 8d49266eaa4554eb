import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.options import Options
from sentigrade.wire.choices import OPTION_NAMES, options_of, query_fields
from sentigrade.wire.native import Question, decode_query, decode_question, encode_answers, encode_labels

ANSWER = Answer(
    label="Positive", level=4, polarity=0.5, probabilities={"Negative": 0.25, "Positive": 0.75}, model="m", version=1
)
REJECTION = Rejection(code="text_too_long", detail="The text is too long.")


def options_of_question(question: Question) -> Options:
    return Options(**{name: getattr(question.options, name) for name in OPTION_NAMES})


@pytest.mark.parametrize("field", ["mytext", "text", "texts"])
def test_one_text_or_a_list_may_stand_in_any_of_three_fields(field: str) -> None:
    one = decode_question(json.dumps({field: "a film"}).encode(), max_texts=10)
    assert (one.texts, one.is_list) == (["a film"], False)
    many = decode_question(json.dumps({field: ["a", "b"]}).encode(), max_texts=10)
    assert (many.texts, many.is_list) == (["a", "b"], True)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_unicode_text_arrives_as_it_was_sent(text: str) -> None:
    for escaped in (True, False):
        body = json.dumps({"mytext": text}, ensure_ascii=escaped).encode()
        assert decode_question(body, max_texts=1).texts == [text]


def test_options_are_decoded() -> None:
    body = {"model": "topics", "scores": True, "explain": True, "top_k": 2, "thresholds": {"toxic": 0.25}}
    question = decode_question(json.dumps({"mytext": "a", **body}).encode(), max_texts=1)
    assert options_of_question(question) == Options(
        model="topics", scores=True, explain=True, top_k=2, thresholds={"toxic": 0.25}
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"a film",
        b"{",
        b'{"mytext": "a"',
        b'{"mytext": "\xff"}',
        b"\xff\xfe",
        b'{"mytext": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRequest, match="not valid JSON in UTF-8.* send"):
        decode_question(body, max_texts=10)


@pytest.mark.parametrize(
    ("body", "pointer", "reason"),
    [
        (b'"a film"', "", "The body is a string"),
        (b"[1]", "", "The body is a list"),
        (b"null", "", "The body is null"),
        (b"{}", "", "Exactly one of mytext, text, texts"),
        (b'{"mytext": "a", "text": "b"}', "", "Exactly one of"),
        (b'{"mytext": null}', "/mytext", "mytext is null; send"),
        (b'{"mytext": 3}', "/mytext", "mytext is a number"),
        (b'{"mytext": true}', "/mytext", "mytext is a boolean"),
        (b'{"mytext": {"a": "b"}}', "/mytext", "mytext is an object"),
        (b'{"mytext": []}', "/mytext", "holds 0 texts; send 1 to 3"),
        (b'{"mytext": ["a", "b", "c", "d"]}', "/mytext", "holds 4 texts; send 1 to 3"),
        (b'{"mytext": ["a", 3]}', "/mytext/1", "Item 1 of the list is a number"),
        (b'{"mytext": ["a", null]}', "/mytext/1", "Item 1 of the list is null"),
        (b'{"mytext": [["a"]]}', "/mytext/0", "Item 0 of the list is a list"),
        (b'{"mytext": "a", "mood": 1}', "/mood", "no such option.*the options model, scores"),
        (b'{"mytext": "a", "a/b~c": 1}', "", "no such option"),
        (b'{"mytext": "a", "A private text": 1}', "", "no such option"),
        (b'{"mytext": "a", "scores": "yes"}', "/scores", "true or false"),
        (b'{"mytext": "a", "model": 7}', "/model", "as a string"),
        (b'{"mytext": "a", "explain": 1}', "/explain", "true or false"),
        (b'{"mytext": "a", "sentences": null}', "/sentences", "true or false"),
        (b'{"mytext": "a", "top_k": 0}', "/top_k", "a whole number of labels, from 1"),
        (b'{"mytext": "a", "top_k": "2"}', "/top_k", "a whole number"),
        (b'{"mytext": "a", "thresholds": {"toxic": 2}}', "/thresholds", "from 0 to 1"),
        (b'{"mytext": "a", "thresholds": [0.5]}', "/thresholds", "an object of labels"),
    ],
)
def test_json_of_another_shape_is_invalid_and_the_culprit_is_named(body: bytes, pointer: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason) as caught:
        decode_question(body, max_texts=3)
    assert caught.value.pointer == pointer


def test_an_error_never_repeats_the_caller_s_text() -> None:
    for body in (b'{"mytext": "secret", "x": 1}', b'{"mytext": secret}', b'{"mytext": ["secret", 1]}'):
        with pytest.raises((InvalidRequest, MalformedRequest)) as caught:
            decode_question(body, max_texts=10)
        assert "secret" not in caught.value.detail


def test_a_query_holds_one_text_and_options() -> None:
    question = decode_query("text=a+fine%20film%21&scores=true&model=sentiment&top_k=2&thresholds=%7B%22a%22:0.5%7D")
    assert question.texts == ["a fine film!"]
    assert options_of_question(question) == Options(scores=True, model="sentiment", top_k=2, thresholds={"a": 0.5})


def test_a_query_of_options_alone_is_read_in_the_same_way() -> None:
    assert options_of(query_fields("explain=true&model=42")) == Options(explain=True, model="42")


@pytest.mark.parametrize("query", ["explain=yes", "top_k=-1", "mood=1", "scores=", "thresholds=" + "[" * 5000])
def test_options_of_another_shape_are_refused(query: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        options_of(query_fields(query))
    assert caught.value.pointer == "/" + query.partition("=")[0]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", InvalidRequest),
        ("txt=a", InvalidRequest),
        ("text=a&text=b", InvalidRequest),
        ("text=a&mytext=b", InvalidRequest),
        ("text=a&scores=maybe", InvalidRequest),
        ("text=%ff", MalformedRequest),
        ("text=%ed%a0%80", MalformedRequest),
        ("&".join(f"x{n}=1" for n in range(50)), MalformedRequest),
    ],
)
def test_a_query_of_another_shape_is_refused(query: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        decode_query(query)


def test_one_answer_is_one_object_without_what_does_not_apply() -> None:
    assert json.loads(encode_answers([ANSWER], is_list=False)) == {
        "label": "Positive",
        "level": 4,
        "polarity": 0.5,
        "probabilities": {"Negative": 0.25, "Positive": 0.75},
        "model": "m",
        "version": 1,
    }


def test_level_0_and_polarity_0_do_apply() -> None:
    answer = Answer(label="N", level=0, polarity=0.0, probabilities={}, model="m", version=1)
    assert {"level": 0, "polarity": 0.0}.items() <= json.loads(encode_answers([answer], is_list=False)).items()


def test_a_list_is_answered_in_order_with_errors_in_their_place() -> None:
    answers = json.loads(encode_answers([ANSWER, REJECTION], is_list=True))["answers"]
    assert answers[0]["label"] == "Positive"
    assert answers[1] == {"error": {"code": "text_too_long", "detail": "The text is too long.", "row": 1}}


def test_the_only_text_of_a_request_being_rejected_is_an_error() -> None:
    for encode in (encode_answers, encode_labels):
        with pytest.raises(InvalidRequest, match="too long"):
            encode([REJECTION], is_list=False)


def test_labels_alone_are_lines_of_text() -> None:
    assert encode_labels([ANSWER], is_list=False) == b"Positive"
    assert encode_labels([ANSWER, REJECTION], is_list=True) == b"Positive\nerror: text_too_long\n"
