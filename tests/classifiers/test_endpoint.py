"""The family `endpoint` against a server that is asked over HTTP, as AWS's would be."""

import json
import math
from collections.abc import Iterator

import numpy as np
import pytest
from botocore.config import Config

from sentigrade.calibration import sigmoid, softmax
from sentigrade.classifiers import endpoint as module
from sentigrade.classifiers.base import Endpoint, Parts
from sentigrade.classifiers.blazingtext import MOST_BYTES, MOST_TEXTS
from sentigrade.classifiers.deadline import within
from sentigrade.classifiers.endpoint import EndpointClassifier, load
from sentigrade.errors import EndpointError, EndpointUnreachable, ModelFolderError
from sentigrade.labels import make_labels, make_multilabel
from tests.endpoint_server import REGION, EndpointServer, Hang, Said, Trouble, endpoint_server, nonsense, refusal
from tests.environment import set_variables

LABELS = make_labels(["World", "Sports", "Business"], ordered=False)
CALLERS_TEXT = "nobody-may-read-this"
EVEN = [1 / 3] * 3


def by_length(body: bytes) -> bytes:
    """Answer as BlazingText would, with probabilities that tell texts of different lengths apart."""
    asked = json.loads(body)
    assert asked["configuration"] == {"k": 3}
    return json.dumps([_instance(len(text)) for text in asked["instances"]]).encode()


def _instance(length: int) -> dict[str, list[object]]:
    first = 1 / (length + 2)
    return {"label": ["__label__world", "__label__business", "__label__sports"], "prob": [first, 0.9 - first, 0.1]}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointServer]:
    with endpoint_server(by_length) as running:
        set_variables(monkeypatch, running.environ)
        yield running


@pytest.fixture
def classifier(server: EndpointServer) -> EndpointClassifier:
    assert server.port
    classifier = load(Parts(LABELS, endpoint=Endpoint(name="topics", region=REGION)))
    classifier.start()
    return classifier


def probabilities(classifier: EndpointClassifier, texts: list[str]) -> list[list[float]]:
    found: list[list[float]] = softmax(classifier.score(texts)).tolist()
    return found


def test_probabilities_are_the_endpoint_s_in_the_order_of_the_manifest(classifier: EndpointClassifier) -> None:
    assert probabilities(classifier, ["ab", "a"]) == [
        pytest.approx([1 / 4, 0.1, 0.9 - 1 / 4]),
        pytest.approx([1 / 3, 0.1, 0.9 - 1 / 3]),
    ]


def test_a_call_is_signed_json_of_blazingtext(classifier: EndpointClassifier, server: EndpointServer) -> None:
    classifier.score(["a film ,", ""])
    (call,) = server.invocations
    assert call.path == "/endpoints/topics/invocations"
    assert call.asked == {"instances": ["a film ,", ""], "configuration": {"k": 3}}
    assert call.headers["Content-Type"] == call.headers["Accept"] == "application/json"
    assert call.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=caller/")
    assert f"/{REGION}/sagemaker/aws4_request" in call.headers["Authorization"]


def test_nothing_is_asked_before_there_are_texts(server: EndpointServer, classifier: EndpointClassifier) -> None:
    assert classifier.score([]).shape == (0, 3)
    assert list(classifier.words()) == []
    assert server.invocations == []


def test_many_texts_go_out_in_several_calls_at_once_and_come_back_in_their_order(
    classifier: EndpointClassifier, server: EndpointServer
) -> None:
    server.gathering = 8
    texts = ["a" * (number % 251) for number in range(12 * MOST_TEXTS + 1)]
    found = classifier.score(texts)
    assert np.exp(found[:, 0]) == pytest.approx([1 / (len(text) + 2) for text in texts])
    sizes = sorted(len(call.asked["instances"]) for call in server.invocations)
    assert sizes == [1] + [MOST_TEXTS] * 12
    assert server.most_at_once == 8


def test_long_texts_are_parted_by_their_bytes(classifier: EndpointClassifier, server: EndpointServer) -> None:
    texts = ["\u00e4" * 900_000, '"' * 900_000, "a" * 900_000, "b" * (MOST_BYTES + 1), "c"]
    assert np.exp(classifier.score(texts)[:, 0]) == pytest.approx([1 / (len(text) + 2) for text in texts])
    assert sorted(len(call.asked["instances"]) for call in server.invocations) == [1, 1, 1, 2]
    assert sum(call.size > MOST_BYTES for call in server.invocations) == 1, "only the text that is too long by itself"


def test_one_by_one_equals_all_at_once(classifier: EndpointClassifier) -> None:
    texts = ["a", "bb", "ccc"]
    assert np.array_equal(classifier.score(texts), np.vstack([classifier.score([text]) for text in texts]))


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ({"label": [], "prob": []}, EVEN),
        ({"label": ["__label__sports"], "prob": [0.5]}, [0, 1, 0]),
        ({"label": ["__label__World", "Sports"], "prob": [0.25, 0.75]}, [0.25, 0.75, 0]),
        ({"prob": [1.00001, 0], "label": ["__label__world", "__label__sports"]}, [1, 0, 0]),
    ],
    ids=["no word known", "fewer labels", "labels spelled otherwise", "fastText's sure"],
)
def test_what_an_answer_leaves_out_is_least_probable(
    classifier: EndpointClassifier, server: EndpointServer, instance: object, expected: list[float]
) -> None:
    server.always = nonsense([instance])
    assert probabilities(classifier, ["a"]) == [pytest.approx(expected, abs=1e-8)]


def test_labels_that_do_not_exclude_each_other_keep_their_own_probabilities(server: EndpointServer) -> None:
    labels = make_multilabel(["Toxic", "Threat", "Insult"])
    classifier = load(Parts(labels, endpoint=Endpoint(name="toxicity", region=REGION)))
    server.always = nonsense([{"label": ["__label__toxic", "__label__insult"], "prob": [1.0, 0.3]}])
    assert sigmoid(classifier.score(["a"])).tolist() == [pytest.approx([1, 0, 0.3], abs=1e-8)]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html>" + CALLERS_TEXT.encode(), "not BlazingText's"),
        (b"", "not BlazingText's"),
        (b"\xff", "not BlazingText's"),
        (b"[" * 100_000, "not BlazingText's"),
        ({"label": ["__label__world"], "prob": [1.0]}, "not BlazingText's"),
        ([{"label": ["__label__world"], "prob": ["1"]}], "not BlazingText's"),
        (b'[{"label": ["__label__world"], "prob": [NaN]}]', "not BlazingText's"),
        (b'[{"label": ["__label__world"], "prob": [1e999]}]', "not BlazingText's"),
        ([{"label": ["__label__world"], "prob": [-0.1]}], "no probability"),
        ([{"label": ["__label__world"], "prob": [17.0]}], "no probability"),
        ([], "0 answers to 1 texts"),
        ([_instance(1)] * 2, "2 answers to 1 texts"),
        ([{}], "a probability for each label"),
        ([{"label": ["__label__world"], "prob": []}], "a probability for each label"),
        ([{"label": ["__label__world", "__label__World"], "prob": [0.5, 0.5]}], "a label twice"),
        ([{"label": [f"__label__{CALLERS_TEXT}"], "prob": [0.5]}], "does not name"),
        ([{"label": ["__label__"], "prob": [0.5]}], "does not name"),
        (b" " * (6 * 1024 * 1024 + 1), "answers more than 6,291,456 bytes"),
        ([{"error": {"code": "text_too_long", "detail": CALLERS_TEXT, "row": 0}}], "rejected a text"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_answer_that_makes_no_sense_is_the_endpoint_s_failure(
    classifier: EndpointClassifier, server: EndpointServer, answer: object, said: str
) -> None:
    server.always = nonsense(answer)
    with pytest.raises(EndpointError, match=said) as caught:
        classifier.score(["a"])
    assert not isinstance(caught.value, EndpointUnreachable)
    assert f"the endpoint topics in {REGION} " in str(caught.value)
    assert CALLERS_TEXT not in str(caught.value)
    assert len(server.invocations) == 1, "what makes no sense is not asked for again"


PASSING = [
    refusal(400, "ThrottlingException"),
    Said(429, b""),
    refusal(503, "ServiceUnavailable"),
    refusal(500, "InternalFailure"),
    Said(502, b"<html>"),
]


@pytest.mark.parametrize("trouble", PASSING, ids=lambda trouble: str(trouble.status))
def test_what_may_pass_is_tried_again(classifier: EndpointClassifier, server: EndpointServer, trouble: Trouble) -> None:
    server.troubles.append(trouble)
    assert probabilities(classifier, ["ab"])[0] == pytest.approx([1 / 4, 0.1, 0.9 - 1 / 4])
    assert len(server.invocations) == 2


def test_three_times_at_most(classifier: EndpointClassifier, server: EndpointServer) -> None:
    server.always = refusal(503, "ServiceUnavailable")
    with pytest.raises(EndpointUnreachable, match="answered 503 ServiceUnavailable"):
        classifier.score(["a"])
    assert len(server.invocations) == 3


@pytest.mark.parametrize(
    ("trouble", "kind", "said"),
    [
        (
            refusal(424, "ModelError", OriginalStatusCode=500, OriginalMessage=CALLERS_TEXT),
            EndpointUnreachable,
            "answered 500",
        ),
        (
            refusal(424, "ModelError", OriginalStatusCode=503, OriginalMessage=CALLERS_TEXT),
            EndpointUnreachable,
            "answered 503",
        ),
        (
            refusal(424, "ModelError", OriginalStatusCode=415, OriginalMessage=CALLERS_TEXT),
            EndpointError,
            "answered 415",
        ),
        (refusal(429, "ModelNotReadyException"), EndpointUnreachable, "429 ModelNotReadyException"),
        (refusal(530, "InternalDependencyException"), EndpointUnreachable, "530 InternalDependencyException"),
        (refusal(400, "ValidationError"), EndpointError, "400 ValidationError: check its name"),
        (refusal(403, "AccessDeniedException"), EndpointError, r"403 AccessDeniedException: .*deploy/iam"),
        (Said(413, CALLERS_TEXT.encode()), EndpointError, "answered 413"),
    ],
)
def test_what_a_container_or_aws_refuses_is_asked_once(
    classifier: EndpointClassifier, server: EndpointServer, trouble: Trouble, kind: type[EndpointError], said: str
) -> None:
    server.always = trouble
    with pytest.raises(EndpointError, match=said) as caught:
        classifier.score(["a"])
    assert type(caught.value) is kind
    assert CALLERS_TEXT not in str(caught.value)
    assert len(server.invocations) == 1


def test_an_endpoint_that_is_down_is_unreachable(classifier: EndpointClassifier, server: EndpointServer) -> None:
    server.stop()
    with pytest.raises(EndpointUnreachable, match="topics in eu-west-1 cannot be reached: EndpointConnectionError"):
        classifier.score(["a"])
    server.start()
    assert math.isclose(probabilities(classifier, ["ab"])[0][0], 1 / 4)


def test_an_answer_that_breaks_off_is_unreachable(classifier: EndpointClassifier, server: EndpointServer) -> None:
    server.always = Said(200, b'[{"label"', missing=1000)
    with pytest.raises(EndpointUnreachable, match="cannot be reached"):
        classifier.score(["a"])


def test_an_endpoint_that_hangs_is_given_up_in_time(classifier: EndpointClassifier, server: EndpointServer) -> None:
    server.always = Hang()
    with within(0.2), pytest.raises(EndpointUnreachable, match="takes too long"):
        classifier.score(["a"])
    server.release()
    with within(20):
        assert len(classifier.score(["a"])) == 1


def test_where_nobody_waits_each_call_has_its_time(server: EndpointServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", module._PATIENCE.merge(Config(read_timeout=0.1)))
    classifier = load(Parts(LABELS, endpoint=Endpoint(name="topics", region=REGION)))
    server.always = Hang()
    with pytest.raises(EndpointUnreachable, match="cannot be reached: ReadTimeoutError"):
        classifier.score(["a"])
    assert len(server.invocations) == 3


def test_one_call_of_many_that_fails_fails_all(classifier: EndpointClassifier, server: EndpointServer) -> None:
    server.troubles.extend([refusal(400, "ValidationError")])
    with pytest.raises(EndpointError, match="ValidationError"):
        classifier.score(["a"] * (3 * MOST_TEXTS))


def test_missing_credentials_are_said_and_looked_for_again(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    classifier = load(Parts(LABELS, endpoint=Endpoint(name="topics", region=REGION)))
    classifier.start()
    with pytest.raises(EndpointUnreachable, match=r"there are no credentials; check the AWS credentials"):
        classifier.score(["a"])
    set_variables(monkeypatch, server.environ)
    classifier.start()
    assert len(classifier.score(["a"])) == 1


def test_a_profile_that_there_is_not_is_an_error_that_says_so(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.port
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(EndpointError, match="cannot be asked: ProfileNotFound"):
        load(Parts(LABELS, endpoint=Endpoint(name="topics", region=REGION))).start()


def test_a_manifest_without_an_endpoint_is_refused() -> None:
    with pytest.raises(ModelFolderError, match="the manifest names no endpoint: add"):
        load(Parts(LABELS))
