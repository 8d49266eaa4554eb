"""A model whose classifier is an endpoint, behind nginx; the container of the endpoint is a real service of ours."""

import json
from collections.abc import Iterator

import pytest

from sentigrade.labels import FIVE_LEVELS
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint
from sentigrade.store.local import LocalObjects
from sentigrade.store.publishing import publish
from tests.end_to_end.error_shapes import CALLERS_TEXT, require_refusal
from tests.end_to_end.stack import Stack, has_all_workers, started, workers
from tests.endpoint_server import REGION, EndpointServer, Hang, Trouble, nonsense, refusal
from tests.live import Reply, call, predict, wait_until

TEXTS = ["A warm, funny and well-made film.", "An utter bore.", "It opens on Friday."]
TIMEOUT_SECONDS = 2
DOORS = {
    "/v1/predict": {"mytext": CALLERS_TEXT},
    "/v2/models/reviews/infer": {
        "inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [CALLERS_TEXT]}]
    },
    "/invocations": {"instances": [CALLERS_TEXT]},
}


@pytest.fixture(scope="module")
def endpoint(port: int) -> Iterator[EndpointServer]:
    """An endpoint whose container is the stack that all tests share; it hangs at first."""

    def answer(body: bytes) -> bytes:
        reply = call(port, "POST", "/invocations", body)
        assert reply.status == 200
        return reply.body

    server = EndpointServer(answer)
    server.always = Hang()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def waiting(endpoint: EndpointServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service whose model is the endpoint, started while that hangs."""
    folder, store = tmp_path_factory.mktemp("adopted"), tmp_path_factory.mktemp("store")
    adopt_endpoint(EndpointAdoption("reviews", "my-reviews", REGION, FIVE_LEVELS), folder)
    publish(LocalObjects(store), folder)
    with started(
        tmp_path_factory.mktemp("stack"),
        SENTIGRADE_STORE=str(store),
        SENTIGRADE_MODELS="reviews",
        SENTIGRADE_TIMEOUT_SECONDS=str(TIMEOUT_SECONDS),
        SENTIGRADE_LOG_LEVEL="debug",
        **endpoint.environ,
    ) as stack:
        yield stack


@pytest.fixture(scope="module")
def asked(endpoint: EndpointServer, waiting: Stack) -> Stack:
    """The same service, ready since the endpoint answers."""
    wait_until(lambda: waiting.output.count('"message":"not ready"') == 3, "three workers that wait")
    readiness = call(waiting.port, "GET", "/health/ready")
    assert (readiness.status, readiness.json["code"]) == (503, "not_ready")
    assert "an endpoint that classifies does not answer" in readiness.text
    assert call(waiting.port, "GET", "/health/live").status == 200
    assert call(waiting.port, "GET", "/ping").status == 503
    reply = predict(waiting.port, TEXTS[0])
    assert (reply.status, reply.json["code"]) == (503, "endpoint_unreachable")
    before = workers(waiting)
    endpoint.release()
    waiting.wait_until_ready()
    wait_until(lambda: waiting.output.count('"message":"ready"') == 3, "three workers that are ready")
    assert workers(waiting) == before, "no worker had to be replaced"
    return waiting


def test_once_the_endpoint_answers_every_door_gives_its_answers(
    asked: Stack, endpoint: EndpointServer, port: int
) -> None:
    answers = predict_all(asked.port).json["answers"]
    sent = endpoint.invocations[-1].asked["instances"]
    assert sent[0] == "a warm , funny and well - made film ."
    expected = call(port, "POST", "/v1/predict", {"mytext": sent}).json["answers"]
    for answer, behind in zip(answers, expected, strict=True):
        assert (answer["label"], answer["level"], answer["model"]) == (behind["label"], behind["level"], "reviews")
        assert answer["probabilities"] == pytest.approx(behind["probabilities"], abs=5e-6)
    rows = call(asked.port, "POST", "/v1/predict", "\n".join(TEXTS).encode(), {"Content-Type": "text/plain"})
    assert list(map(json.loads, rows.text.splitlines())) == answers
    inference = {"inputs": [{"name": "text", "shape": [3], "datatype": "BYTES", "data": TEXTS}]}
    outputs = call(asked.port, "POST", "/v2/models/reviews/infer", inference).json["outputs"]
    assert outputs[0]["data"] == [answer["label"] for answer in answers]
    predictions = call(asked.port, "POST", "/invocations", {"instances": TEXTS}).json
    assert [prediction["prob"][0] for prediction in predictions] == [
        max(answer["probabilities"].values()) for answer in answers
    ]


def predict_all(port: int) -> Reply:
    return call(port, "POST", "/v1/predict", {"mytext": TEXTS})


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (refusal(424, "ModelError", OriginalStatusCode=500, OriginalMessage=CALLERS_TEXT), 503),
        (nonsense([{"label": [CALLERS_TEXT], "prob": [1.0]}]), 502),
    ],
    ids=["a container that fails", "nonsense"],
)
def test_its_failures_have_the_shape_of_each_door(
    asked: Stack, endpoint: EndpointServer, trouble: Trouble, status: int
) -> None:
    endpoint.always = trouble
    try:
        for path, body in DOORS.items():
            require_refusal(call(asked.port, "POST", path, body), path, status)
    finally:
        endpoint.release()
    assert predict_all(asked.port).status == 200


def test_one_that_hangs_is_given_up_before_its_worker_is(asked: Stack, endpoint: EndpointServer) -> None:
    before = workers(asked)
    endpoint.always = Hang()
    try:
        reply = predict(asked.port, CALLERS_TEXT)
    finally:
        endpoint.release()
    require_refusal(reply, "/v1/predict", 503)
    assert (reply.json["code"], reply.headers["Retry-After"]) == ("endpoint_unreachable", "2")
    assert predict_all(asked.port).status == 200
    assert workers(asked) == before
    assert has_all_workers(asked)


def test_nothing_of_the_texts_is_logged(asked: Stack) -> None:
    assert call(asked.port, "POST", "/v1/predict", {"mytext": CALLERS_TEXT}).status == 200
    assert '"reason":"the endpoint my-reviews in eu-west-1' in asked.output
    assert CALLERS_TEXT not in asked.output
    assert "Traceback" not in asked.output
