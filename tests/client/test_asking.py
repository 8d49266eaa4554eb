"""What the client sends, and what it makes of the answers."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sentigrade.client import Answer, Client, Limits, ModelDetails, ModelState, Options, Rejection
from sentigrade.errors import InvalidRequest, MalformedRequest, ServiceRefusal, SettingError
from sentigrade.labels import Label, LabelSet
from tests.client.scripted import ANSWER, NDJSON, answer, answers, asking, chunked, line, problem, reply, serving

POSITIVE = msgspec.convert(ANSWER, Answer)
REJECTED = {"error": {"code": "text_too_long", "detail": "Too long.", "row": 1}}
REJECTION = Rejection(code="text_too_long", detail="Too long.")


def test_importing_the_client_loads_no_heavy_library() -> None:
    code = "import sys, sentigrade.client; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "urllib3" in loaded
    assert not {"numpy", "spacy", "flask", "boto3", "botocore", "sklearn", "click", "asyncio"} & set(loaded)


def test_a_text_is_answered_by_an_answer() -> None:
    with asking(answer(level=4, polarity=0.5)) as (client, service):
        assert client.predict("Funny \N{FACE WITH TEARS OF JOY}") == msgspec.structs.replace(
            POSITIVE, level=4, polarity=0.5
        )
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/v1/predict")
    assert asked.json == {"mytext": "Funny \N{FACE WITH TEARS OF JOY}"}
    assert asked.headers["Content-Type"] == asked.headers["Accept"] == "application/json"


def test_an_api_key_goes_with_every_request_and_leaves_authorization_to_others(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("good\n")
    said = (answer(), reply(b'{"models": []}'), chunked(line(ANSWER)))
    with asking(*said, api_key="sg_key", headers={"Authorization": "Basic eA=="}) as (client, service):
        client.predict("a")
        client.models()
        list(client.predict_rows(source))
    sent = [(asked.headers["X-API-Key"], asked.headers["Authorization"]) for asked in service.asked]
    assert sent == [("sg_key", "Basic eA==")] * 3


def test_without_an_api_key_none_is_sent() -> None:
    with asking(answer()) as (client, service):
        client.predict("a")
    assert "X-API-Key" not in service.asked[0].headers


@pytest.mark.parametrize("key", ["", "sg_Zq\n", "sg_Zq ", "sg_Zq\r\nX: y", "sg_Zqä"])
def test_what_cannot_be_a_key_is_refused_and_not_quoted(key: str) -> None:
    with pytest.raises(SettingError, match="API key is empty, or holds what no key does") as caught:
        Client("http://localhost:1337", api_key=key)
    assert "Zq" not in str(caught.value)


def test_options_that_say_something_are_sent() -> None:
    options = Options(model="topics", scores=True, top_k=2, thresholds={"toxic": 0.5})
    with asking(answer()) as (client, service):
        client.predict("a", options)
    chosen = {"model": "topics", "scores": True, "top_k": 2, "thresholds": {"toxic": 0.5}}
    assert service.asked[0].json == {"mytext": "a", **chosen}


def test_an_option_that_makes_no_sense_is_left_to_the_service() -> None:
    with asking(answer()) as (client, service):
        client.predict("a", Options(top_k=0))
    assert service.asked[0].json == {"mytext": "a", "top_k": 0}


def test_an_explanation_and_sentences_are_typed() -> None:
    explanation = {"label": "Positive", "base": 0.5, "score": 0.75, "words": [{"start": 0, "end": 1, "weight": 0.25}]}
    sentence = {**ANSWER, "start": 0, "end": 1}
    with asking(answer(explanation=explanation, sentences=[sentence])) as (client, _):
        said = client.predict("a", Options(explain=True, sentences=True))
    assert said.explanation
    assert said.explanation.words[0].weight == 0.25
    assert said.sentences
    assert said.sentences[0].end == 1


def test_fields_of_a_later_service_are_passed_over() -> None:
    with asking(answer(mood="good")) as (client, _):
        assert client.predict("a") == POSITIVE


def test_headers_of_the_caller_go_with_every_request_below_the_path_of_the_address() -> None:
    with (
        serving(answer()) as service,
        Client(f"{service.url}/nlp/", headers={"Authorization": "Bearer x"}) as client,
    ):
        client.predict("a")
    assert service.asked[0].path == "/nlp/v1/predict"
    assert service.asked[0].headers["Authorization"] == "Bearer x"


def test_many_texts_are_answered_in_order_and_a_rejected_one_leaves_its_neighbours() -> None:
    with asking(answers(ANSWER, REJECTED, ANSWER)) as (client, service):
        assert client.predict_many(["a", "b", "c"]) == [POSITIVE, REJECTION, POSITIVE]
    assert service.asked[0].json == {"mytext": ["a", "b", "c"]}


def test_no_texts_are_no_request() -> None:
    with asking(answers()) as (client, service):
        assert client.predict_many([]) == []
    assert service.asked == []


def test_a_list_of_more_texts_than_the_service_takes_becomes_several_requests() -> None:
    labels = [{**ANSWER, "label": str(number)} for number in range(5)]
    replies = answers(*labels[:2]), answers(*labels[2:4]), answers(*labels[4:])
    with asking(*replies, limits=Limits(texts=2)) as (client, service):
        outcomes = client.predict_many(map(str, range(5)))
    assert [outcome.label for outcome in outcomes if isinstance(outcome, Answer)] == list("01234")
    assert [asked.json["mytext"] for asked in service.asked] == [["0", "1"], ["2", "3"], ["4"]]


def test_no_request_has_more_bytes_than_the_service_takes() -> None:
    film = "\N{CLAPPER BOARD}" * 10  # 40 bytes and two quotes
    options = Options(model="m")
    limit = len(msgspec.json.encode({"mytext": [film] * 3, "model": "m"}))
    with asking(answers(ANSWER, ANSWER, ANSWER), limits=Limits(body_bytes=limit)) as (client, service):
        assert len(client.predict_many([film] * 6, options)) == 6
    assert [len(asked.body) for asked in service.asked] == [limit, limit]


@pytest.mark.parametrize("options", [Options(explain=True), Options(sentences=True)])
def test_no_request_asks_for_more_detail_than_the_service_gives(options: Options) -> None:
    with asking(answers(ANSWER, ANSWER), answers(ANSWER), limits=Limits(detailed_characters=30)) as (client, service):
        assert len(client.predict_many(["x" * 10] * 3, options)) == 3
    assert [len(asked.json["mytext"]) for asked in service.asked] == [2, 1]


def test_a_text_that_fills_more_than_a_request_is_rejected_alone() -> None:
    replies = answers(ANSWER), problem(413, code="too_large", detail="Too large."), answers(ANSWER)
    with asking(*replies, limits=Limits(body_bytes=100)) as (client, _):
        outcomes = client.predict_many(["a", "x" * 200, "b"])
    assert outcomes == [POSITIVE, Rejection(code="too_large", detail="Too large."), POSITIVE]


def test_a_list_that_is_too_large_is_refused() -> None:
    with asking(problem(413)) as (client, _), pytest.raises(ServiceRefusal):
        client.predict_many(["a", "b"])


def test_a_text_with_half_a_surrogate_pair_is_rejected_like_the_service_does() -> None:
    with asking(answers(ANSWER, ANSWER)) as (client, service):
        outcomes = client.predict_many(["a", "\ud83d", "b"])
        assert [getattr(outcome, "code", None) for outcome in outcomes] == [None, "not_unicode", None]
        with pytest.raises(MalformedRequest, match="not valid Unicode"):
            client.predict("\ud83d")
    assert [asked.json["mytext"] for asked in service.asked] == [["a", "b"]]


def test_one_text_is_not_taken_for_a_list_of_letters() -> None:
    with Client("http://localhost") as client, pytest.raises(InvalidRequest, match="predict takes one"):
        client.predict_many("abc")


@pytest.mark.parametrize(
    "url", ["localhost:1337", "ftp://localhost", "http://", "http://[", "http://a?b=c", "http://user:secret@host", ""]
)
def test_an_address_that_is_not_one_of_http_is_refused_at_once(url: str) -> None:
    with pytest.raises(SettingError, match="http://HOST:PORT") as caught:
        Client(url)
    assert "secret" not in str(caught.value)


def test_models_are_listed() -> None:
    said = b'{"models": [{"model": "sentiment", "version": 1, "labels": ["Negative"]}, {"model": "topics"}]}'
    with asking(reply(said)) as (client, service):
        first, second = client.models()
    assert first == ModelState(model="sentiment", version=1, labels=("Negative",))
    assert second.version is None
    assert (service.asked[0].method, service.asked[0].path) == ("GET", "/v1/models")


def test_a_model_is_described() -> None:
    details = ModelDetails(
        model="topics",
        created="2026-11-21T10:00:00Z",
        license="MIT",
        label_set=LabelSet(kind="nominal", items=(Label(id="a", name="A"), Label(id="b", name="B"))),
        metrics={"dev": {"accuracy": 0.5}},
    )
    with asking(reply(msgspec.json.encode(details))) as (client, service):
        model = client.model("topics/../x")
    assert model.label_set.items[1].name == "B"
    assert service.asked[0].path == "/v1/models/topics%2F..%2Fx"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.csv", "text/csv"), ("a.NDJSON", NDJSON), ("a.jsonl", NDJSON), ("a.txt", "text/plain")],
)
def test_the_rows_of_a_file_are_sent_as_what_its_name_says(tmp_path: Path, name: str, kind: str) -> None:
    source = tmp_path / name
    source.write_bytes(b"good\nbad\n")
    options = Options(scores=True, top_k=2, model="m", thresholds={"a b": 0.5})
    with asking(chunked(line(ANSWER), line(REJECTED))) as (client, service):
        assert list(client.predict_rows(source, column="review", options=options)) == [POSITIVE, REJECTION]
    (asked,) = service.asked
    assert asked.path == "/v1/predict?column=review&model=m&scores=true&top_k=2&thresholds=%7B%22a+b%22%3A0.5%7D"
    assert (asked.headers["Content-Type"], asked.headers["Accept"]) == (kind, NDJSON)
    assert asked.body == source.read_bytes()


def test_lines_may_come_in_pieces(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("good\nbad")
    content = line({**ANSWER, "label": "\N{CLAPPER BOARD}"}) + line(ANSWER)
    pieces = [content[start : start + 7] for start in range(0, len(content), 7)]
    with asking(chunked(*pieces)) as (client, _):
        first, second = client.predict_rows(source)
    assert (first, second) == (msgspec.structs.replace(POSITIVE, label="\N{CLAPPER BOARD}"), POSITIVE)


def test_whoever_stops_early_gets_no_further_rows_and_no_error(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("good\n")
    with asking(chunked(line(ANSWER), whole=False)) as (client, _):
        assert next(iter(client.predict_rows(source))) == POSITIVE


def test_a_file_is_answered_by_the_very_bytes_of_the_service(tmp_path: Path) -> None:
    source, target = tmp_path / "reviews.csv", tmp_path / "scored.csv"
    source.write_text("review\ngood\n")
    target.write_text("of yesterday")
    with asking(chunked(b"review,la", b"bel\ngood,Positive\n", kind="text/csv")) as (client, service):
        client.score_file(source, target, column="review")
    assert target.read_text() == "review,label\ngood,Positive\n"
    assert json.loads(json.dumps(service.asked[0].headers))["Accept"] == "text/csv"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reviews.csv", "scored.csv"]
