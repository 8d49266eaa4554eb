"""The function in a sandbox: the real awslambdaric, asked as the URL of a function asks it."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentigrade.labels import make_labels
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import publish
from tests.endpoint_server import REGION, EndpointServer, Hang, endpoint_server
from tests.environment import set_variables
from tests.lambda_runtime import Function, function, request_event
from tests.live import PROBLEM, wait_until
from tests.s3_server import s3_server

TEXT = "A superb plot."
CALLERS_TEXT = "nobody-may-read-this"
MOST_BYTES = 6 * 1024 * 1024
CSV, LINES, NDJSON = ({"Content-Type": kind} for kind in ("text/csv", "text/plain", "application/x-ndjson"))


class TestOneText:
    @pytest.mark.parametrize("path", ["/", "/v1/predict"])
    def test_as_json_is_answered_by_an_object(self, running: Function, path: str) -> None:
        reply = running.call("POST", path, {"mytext": TEXT})
        assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
        assert (reply.json["label"], reply.json["model"]) == ("Positive", "sentiment")

    def test_may_come_in_the_query(self, running: Function) -> None:
        asked = running.call("POST", "/", {"mytext": "A superb plot & more."})
        assert running.call("GET", "/v1/predict", query="text=A+superb+plot+%26+more.").json == asked.json

    def test_may_come_in_the_body_of_a_get(self, running: Function) -> None:
        assert running.call("GET", "/", {"mytext": TEXT}).json["label"] == "Positive"

    def test_may_come_as_base64(self, running: Function) -> None:
        event = request_event("POST", "/", {"mytext": "Ein wonderful café ☕."})
        plain = running.invoke(event).said["body"]
        coded = event | {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
        assert json.loads(plain)["label"] == "Positive"
        assert running.invoke(coded).said["body"] == plain

    def test_is_whole_though_its_sender_did_not_know_its_length(self, running: Function) -> None:
        reply = running.call("POST", "/", {"mytext": TEXT}, {"Transfer-Encoding": "chunked"})
        assert reply.json["label"] == "Positive"

    def test_has_no_answer_of_its_own_in_that_to_a_head(self, running: Function) -> None:
        reply = running.call("HEAD", "/v1/predict", query="text=A+superb+plot.")
        assert (reply.status, reply.body) == (200, b"")


def test_a_list_is_answered_by_as_many_answers(running: Function) -> None:
    answers = running.call("POST", "/", {"mytext": [TEXT, "A dreadful cast."]}).json["answers"]
    assert [answer["label"] for answer in answers] == ["Positive", "Negative"]


class TestRows:
    def test_of_lines_are_answered_in_their_order(self, running: Function) -> None:
        reply = running.call("POST", "/v1/predict", b"A superb plot.\nA dreadful cast.\n", LINES)
        assert [json.loads(line)["label"] for line in reply.text.splitlines()] == ["Positive", "Negative"]

    def test_of_json_may_have_any_letters(self, running: Function) -> None:
        reply = running.call("POST", "/v1/predict", '"A superb café ☕."\n"\\ud83d\\ude00"\n'.encode(), NDJSON)
        assert len(reply.text.splitlines()) == 2

    def test_that_are_too_many_for_memory_are_spooled_and_none_is_lost(self, running: Function) -> None:
        note = "n" * 1200
        table = "id,text,note\n" + "".join(f"{row},A superb plot.,{note}é\n" for row in range(1000))
        reply = running.call("POST", "/v1/predict", table.encode(), CSV)
        head, *rows = reply.text.splitlines()
        assert head.startswith("id,text,note,label,")
        assert [row.partition(",")[0] for row in rows] == list(map(str, range(1000)))
        assert {row.split(",")[3] for row in rows} == {"Positive"}
        assert rows[0].startswith(f"0,A superb plot.,{note}é,Positive,")

    def test_whose_answer_would_be_too_long_are_refused_and_the_function_lives_on(self, running: Function) -> None:
        lines = b"A superb plot.\n" * 40_000
        reply = running.call("POST", "/v1/predict", lines, LINES | {"X-Request-ID": "long"})
        assert (reply.status, reply.json["code"]) == (413, "too_large")
        assert "larger than the 6 MB that Lambda passes on; send fewer texts" in reply.json["detail"]
        assert '"status":413' in next(line for line in running.log.splitlines() if '"request_id":"long"' in line)
        assert running.call("POST", "/", {"mytext": TEXT}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "code"),
    [
        ("POST", "/", b"{", "application/json", 400, "malformed"),
        ("POST", "/", b'{"mytext": 1}', "application/json", 422, "invalid"),
        ("POST", "/", b"<a/>", "application/xml", 415, "unsupported_media_type"),
        ("GET", "/nowhere", None, "", 404, "not_found"),
        ("DELETE", "/v1/predict", None, "", 405, "method_not_allowed"),
        ("POST", "/", b'{"mytext": "' + b" " * MOST_BYTES + b'"}', "application/json", 413, "too_large"),
    ],
)
def test_a_mistake_is_answered_in_the_shape_of_any_other_door(  # noqa: PLR0917 - parameters
    running: Function, method: str, path: str, body: bytes | None, content_type: str, status: int, code: str
) -> None:
    reply = running.call(method, path, body, {"Content-Type": content_type} if content_type else {})
    assert (reply.status, reply.headers["content-type"]) == (status, PROBLEM)
    assert (reply.json["status"], reply.json["code"]) == (status, code)


def test_other_protocols_are_answered_in_their_own_shapes(running: Function) -> None:
    (answer,) = running.call("POST", "/invocations", {"instances": [TEXT]}).json
    assert answer["label"] == ["__label__positive"]
    assert running.call("POST", "/v2/models/none/infer", b"{").json.keys() == {"error"}


def test_the_page_and_its_files_are_served(running: Function) -> None:
    page = running.call("GET", "/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    style = running.call("GET", "/static/page.css")
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert running.call("GET", "/openapi.json").json["openapi"].startswith("3.1")


class TestTheIdOfARequest:
    def test_is_that_by_which_lambda_knows_it(self, running: Function) -> None:
        request_id = "5d1f3b6e-6f0a-4ef5-8d0e-2f0a3c1b7a11"
        outcome = running.invoke(request_event("POST", "/", {"mytext": TEXT}), request_id)
        assert outcome.said["headers"]["x-request-id"] == request_id
        assert f'"request_id":"{request_id}"' in running.log

    def test_is_the_caller_s_where_one_is_sent(self, running: Function) -> None:
        reply = running.call("POST", "/", {"mytext": TEXT}, {"X-Request-ID": "mine"})
        assert reply.headers["x-request-id"] == "mine"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"mytext": TEXT},
        {"version": "1.0", "path": "/"},
        {"version": "2.0"},
        {"version": "2.0", "requestContext": {"routeKey": "$connect"}},
        [],
        "text",
        None,
    ],
)
def test_what_is_no_request_is_an_error_that_says_what_to_do(running: Function, event: object) -> None:
    outcome = running.invoke(event)
    assert (outcome.kind, outcome.said["errorType"]) == ("error", "UnknownEvent")
    assert "call the function by its URL" in outcome.said["errorMessage"]
    assert outcome.said["stackTrace"] == []
    assert running.call("POST", "/", {"mytext": TEXT}).status == 200


def test_the_log_is_lines_of_json_and_the_text_is_in_none_of_them(running: Function) -> None:
    running.call("POST", "/", {"mytext": CALLERS_TEXT})
    running.call("GET", "/v1/predict", query=f"text={CALLERS_TEXT}")
    running.call("POST", "/", f'{{"mytext": "{CALLERS_TEXT}'.encode())
    running.call("POST", f"/{CALLERS_TEXT}")
    lines = list(map(json.loads, running.log.splitlines()))
    assert CALLERS_TEXT not in running.log
    assert [line["message"] for line in lines[:1]] == ["ready"]
    assert {line["path"] for line in lines if line.get("message") == "request"} >= {"/", "/v1/predict", "other"}


def sports(body: bytes) -> bytes:
    texts = len(json.loads(body)["instances"])
    return json.dumps([{"label": ["__label__sports"], "prob": [1.0]}] * texts).encode()


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    with endpoint_server(sports) as server:
        yield server


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    """A model that is an endpoint."""
    folder = tmp_path / "topics"
    folder.mkdir()
    adopt_endpoint(
        EndpointAdoption("topics", "topics", REGION, make_labels(["World", "Sports"], ordered=False)), folder
    )
    return folder


def is_ready(running: Function) -> bool:
    return running.call("GET", "/health/ready").status == 200


def test_an_endpoint_that_is_away_when_the_function_starts_is_asked_again(
    server: EndpointServer, topics: Path, tmp_path: Path
) -> None:
    server.stop()
    with function(tmp_path, {"SENTIGRADE_MODELS": str(topics), **server.environ}) as running:
        reply = running.call("POST", "/", {"mytext": TEXT})
        assert (reply.status, reply.headers["retry-after"]) == (503, "2")
        assert reply.json["code"] == "endpoint_unreachable"
        assert not is_ready(running)
        server.start()
        assert running.call("POST", "/", {"mytext": TEXT}).json["label"] == "Sports"
        wait_until(lambda: is_ready(running), "readiness")


def test_an_endpoint_that_hangs_is_given_up_once_at_the_start_and_once_at_a_request(
    server: EndpointServer, topics: Path, tmp_path: Path
) -> None:
    server.always = Hang()
    environ = {"SENTIGRADE_MODELS": str(topics), "SENTIGRADE_TIMEOUT_SECONDS": "2", **server.environ}
    with function(tmp_path, environ) as running:
        assert running.call("POST", "/", {"mytext": TEXT}).status == 503
        assert len(server.invocations) == 2
        server.release()
        assert running.call("POST", "/", {"mytext": TEXT}).json["label"] == "Sports"


def test_a_store_that_is_away_when_the_function_starts_is_looked_for_again(
    small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server(tmp_path / "s3") as s3:
        set_variables(monkeypatch, s3.environ())
        publish(open_store(s3.store), small_store / "sentiment" / "1")
        s3.kill()
        with function(tmp_path, {"SENTIGRADE_STORE": s3.store, **s3.environ()}) as running:
            reply = running.call("POST", "/", {"mytext": TEXT})
            assert (reply.status, reply.headers["retry-after"], reply.json["code"]) == (503, "1", "not_ready")
            assert "it could not be loaded; the log says why" in reply.json["detail"]
            s3.start()
            wait_until(lambda: is_ready(running), "readiness")
            assert running.call("POST", "/", {"mytext": TEXT}).json["label"] == "Positive"
            assert running.call("GET", "/v1/models").json["models"][0]["promoted"] == 1
