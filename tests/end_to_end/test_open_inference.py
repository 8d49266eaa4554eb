"""What an Open Inference client that others wrote gets through nginx: Triton's."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from tests.end_to_end.stack import Stack
from tests.live import DEFAULT_VERSION, call

MODEL = "sentiment"
VERSION = str(DEFAULT_VERSION)
INFER = f"/v2/models/{MODEL}/infer"
TEXTS = ["A gorgeous, witty, seductive movie.", "A dull, lifeless bore.", "", 'Ça va: naïve, 😀 and "quoted".\n']


@pytest.fixture
def client(port: int) -> Iterator[InferenceServerClient]:
    with InferenceServerClient(f"127.0.0.1:{port}") as client:
        yield client


def text_input(texts: list[str], *, binary: bool = False, column: bool = False) -> InferInput:
    array = np.array(texts, dtype=np.object_).reshape((-1, 1) if column else (-1,))
    return InferInput("text", list(array.shape), "BYTES").set_data_from_numpy(array, binary_data=binary)


def question(*texts: str, **others: object) -> dict[str, Any]:
    tensor = {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)}
    return {"inputs": [tensor], **others}


def test_the_server_and_the_model_are_live_and_ready(client: InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(MODEL)
    assert client.is_model_ready(MODEL, VERSION)
    assert not client.is_model_ready("oracle")
    assert not client.is_model_ready(MODEL, "999")


def test_the_metadata_says_what_may_be_asked_and_what_comes(client: InferenceServerClient) -> None:
    assert client.get_server_metadata()["name"] == "sentigrade"
    described = client.get_model_metadata(MODEL)
    assert described["versions"] == [VERSION]
    assert described == client.get_model_metadata(MODEL, VERSION)
    (tensor,) = described["inputs"]
    array = np.array(TEXTS, dtype=np.object_)
    asked = InferInput(tensor["name"], [len(TEXTS)], tensor["datatype"]).set_data_from_numpy(array, binary_data=False)
    names = [output["name"] for output in described["outputs"]]
    result = client.infer(MODEL, [asked], outputs=[InferRequestedOutput(name) for name in names])
    for output in described["outputs"]:
        assert result.get_output(output["name"])["datatype"] == output["datatype"]
        assert list(result.as_numpy(output["name"]).shape[1:]) == output["shape"][1:]


@pytest.mark.parametrize("column", [False, True])
def test_texts_are_answered_as_by_our_own_path(client: InferenceServerClient, port: int, column: bool) -> None:
    own = call(port, "POST", "/v1/predict", {"mytext": TEXTS, "scores": True}).json["answers"]
    names = ["label", "level", "polarity", "probabilities", "scores"]
    wanted = [InferRequestedOutput(name) for name in names]
    result = client.infer(MODEL, [text_input(TEXTS, column=column)], outputs=wanted, model_version=VERSION)
    for name in ("label", "level", "polarity"):
        assert result.get_output(name)["data"] == [answer[name] for answer in own]
    for name in ("probabilities", "scores"):
        expected = np.array([list(answer[name].values()) for answer in own], dtype=np.float32)
        np.testing.assert_array_equal(result.as_numpy(name), expected)
    assert result.as_numpy("level").dtype == np.int64
    assert [output["name"] for output in result.get_response()["outputs"]] == names


def test_the_columns_stand_in_the_order_that_the_metadata_tells(client: InferenceServerClient, port: int) -> None:
    columns = client.get_model_metadata(MODEL)["outputs"][3]["parameters"]["labels"]
    own = call(port, "POST", "/v1/predict", {"mytext": TEXTS[0]}).json
    row = client.infer(MODEL, [text_input(TEXTS[:1])]).as_numpy("probabilities")[0]
    assert columns[row.argmax()] == own["label"]
    assert columns == list(own["probabilities"])


def test_without_a_choice_of_outputs_the_usual_ones_come(client: InferenceServerClient) -> None:
    result = client.infer(MODEL, [text_input(TEXTS)])
    assert result.as_numpy("label").tolist()[:2] == ["Positive", "Negative"]
    assert result.as_numpy("scores") is None
    assert "id" not in result.get_response()


def test_a_long_list_is_answered_whole_and_compressed_for_those_who_ask(client: InferenceServerClient) -> None:
    result = client.infer(MODEL, [text_input(TEXTS * 500)], response_compression_algorithm="gzip")
    assert result.as_numpy("probabilities").shape == (2000, 5)


@pytest.mark.parametrize("request_id", ["42", 'a "b"\r\nX-Evil: 1\\', "é 😀 \u2028", "\x01\x7f"])
def test_the_request_s_id_comes_back_exactly(client: InferenceServerClient, request_id: str) -> None:
    response = client.infer(MODEL, [text_input(TEXTS[:1])], request_id=request_id).get_response()
    assert response["id"] == request_id


def test_the_id_of_a_request_is_in_no_header_and_no_log(stack: Stack) -> None:
    reply = call(stack.port, "POST", INFER, question(TEXTS[0], id="very-odd-id"))
    assert reply.json["id"] == "very-odd-id"
    assert "very-odd-id" not in str(reply.headers) + stack.output


def test_priorities_and_other_parameters_change_nothing(client: InferenceServerClient) -> None:
    plain = client.infer(MODEL, [text_input(TEXTS)]).get_response()
    spoken = client.infer(
        MODEL,
        [text_input(TEXTS)],
        sequence_id=7,
        sequence_start=True,
        priority=3,
        timeout=9,
        parameters={"mood": "good"},
    )
    assert spoken.get_response() == plain


class TestRefusals:
    def refused(self, client: InferenceServerClient, model: str = MODEL, **asked: Any) -> tuple[str, str]:  # noqa: ANN401
        """The status and what the client says of it."""
        with pytest.raises(InferenceServerException) as caught:
            client.infer(model, **{"inputs": [text_input(TEXTS)], **asked})
        return caught.value.status(), caught.value.message()

    def test_a_text_too_long_is_pointed_at(self, client: InferenceServerClient) -> None:
        texts = ["A film.", "A plot.", "x" * 100_001]
        status, message = self.refused(client, inputs=[text_input(texts)])
        assert status == "400"
        assert message == ("The text has 100,001 characters; send at most 100,000, or split it. (at /inputs/0/data/2)")

    def test_an_unknown_output_is_answered_with_those_there_are(self, client: InferenceServerClient) -> None:
        status, message = self.refused(client, outputs=[InferRequestedOutput("mood")])
        assert (status, message.endswith("(at /outputs/0/name)")) == ("400", True)
        assert "label, level, polarity, probabilities, scores" in message

    def test_an_unknown_model_or_version_is_not_found(self, client: InferenceServerClient) -> None:
        status, message = self.refused(client, "oracle")
        assert (status, "served are sentiment" in message) == ("404", True)
        status, message = self.refused(client, model_version="999")
        assert (status, f"version {VERSION} is" in message) == ("404", True)
        with pytest.raises(InferenceServerException, match="no such model"):
            client.get_model_metadata("oracle")

    def test_binary_tensors_are_refused_with_what_to_do(self, client: InferenceServerClient) -> None:
        status, message = self.refused(client, inputs=[text_input(TEXTS, binary=True)])
        assert (status, "binary_data=False" in message) == ("400", True)
        shared = InferInput("text", [1], "BYTES").set_shared_memory("region", 8)
        status, message = self.refused(client, inputs=[shared])
        assert (status, "data is missing" in message) == ("400", True)

    def test_a_compressed_request_is_refused(self, client: InferenceServerClient) -> None:
        status, message = self.refused(client, request_compression_algorithm="gzip")
        assert (status, "without Content-Encoding" in message) == ("415", True)

    def test_numbers_and_several_tensors_are_refused(self, client: InferenceServerClient) -> None:
        numbers = InferInput("text", [1], "FP32").set_data_from_numpy(np.ones(1, dtype=np.float32), binary_data=False)
        status, message = self.refused(client, inputs=[numbers])
        assert (status, message) == ("400", "datatype must be BYTES. (at /inputs/0/datatype)")
        status, message = self.refused(client, inputs=[text_input(TEXTS), text_input(TEXTS)])
        assert (status, "a list of one tensor" in message) == ("400", True)

    def test_more_than_the_body_s_limit_is_refused_by_nginx_in_the_same_shape(
        self, client: InferenceServerClient
    ) -> None:
        status, message = self.refused(client, inputs=[text_input(["x" * 99_000] * 70)])
        assert (status, "fewer texts" in message) == ("413", True)


def test_a_body_sent_in_chunks_without_a_length_is_answered_alike(port: int) -> None:
    body = json.dumps(question(*TEXTS, id="é")).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        parts = (body[start : start + 7] for start in range(0, len(body), 7))
        connection.request("POST", INFER, parts, {"Content-Type": "application/json"}, encode_chunked=True)
        response = connection.getresponse()
        assert response.status == 200
        assert json.loads(response.read()) == call(port, "POST", INFER, body).json
    finally:
        connection.close()
