import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sentigrade.answer import Answer, Rejection
from sentigrade.calibration import Calibration
from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.labels import Label, LabelSet, make_labels
from sentigrade.manifest import Manifest
from sentigrade.model import Model
from sentigrade.wire.open_inference.metadata import metadata_of
from sentigrade.wire.open_inference.request import Inference, decode_inference
from sentigrade.wire.open_inference.response import chosen, encode_inference, options_for, outputs_of

TEXT = {"name": "text", "shape": [2], "datatype": "BYTES", "data": ["a film", "a plot"]}
NAMES = ("Bleak", "Weak", "Plain", "Nice", "Bright")
EACH_ALONE = Calibration(
    method="sigmoid",
    weights=((0.0,) * 5,) * 5,
    length_weights=((0.0,) * 5,) * 5,
    bias=(0.0,) * 5,
    fitted_on="nothing",
)


@pytest.fixture
def ordinal(model: Model) -> Manifest:
    return model.manifest


@pytest.fixture
def nominal(model: Model) -> Manifest:
    return replace(model.manifest, labels=make_labels(NAMES, ordered=False))


@pytest.fixture
def multilabel(model: Model) -> Manifest:
    labels = tuple(Label(id=name.lower(), name=name, threshold=0.5) for name in NAMES)
    return replace(model.manifest, labels=LabelSet(kind="multilabel", items=labels), calibration=EACH_ALONE)


def body(**changes: object) -> bytes:
    """A request whose tensor has these fields in place of its own; None takes one away."""
    tensor = {name: value for name, value in {**TEXT, **changes}.items() if value is not None}
    return json.dumps({"inputs": [tensor]}).encode()


def decode(content: bytes) -> Inference:
    return decode_inference(content, max_texts=3)


def answers(manifest: Manifest) -> list[Answer]:
    """Two answers, as a model of this manifest would give them."""
    names = manifest.labels.names
    numbers = [(0.5, 0.25, 0.125, 0.125, 0.0), (0.0, 0.0, 0.25, 0.0, 0.75)]
    return [
        Answer(
            label=names[best],
            level=best,
            polarity=best / 2 - 1,
            probabilities=dict(zip(names, row, strict=True)),
            scores=dict(zip(names, (10 * value for value in row), strict=True)),
            model=manifest.name,
            version=manifest.version,
        )
        for best, row in zip((0, 4), numbers, strict=True)
    ]


def encode(manifest: Manifest, names: list[str], outcomes: list[Any], request_id: str | None = None) -> dict[str, Any]:
    question = Inference([""] * len(outcomes), names, request_id)
    return dict(json.loads(encode_inference(question, chosen(names, manifest), outcomes, manifest)))


class TestRequests:
    @pytest.mark.parametrize("shape", [[2], [2, 1]])
    @pytest.mark.parametrize("data", [["a film", "a plot"], [["a film"], ["a plot"]]])
    def test_texts_come_flat_or_nested_in_either_shape(self, shape: list[int], data: list[Any]) -> None:
        assert decode(body(shape=shape, data=data)) == Inference(["a film", "a plot"], [], None)

    @given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
    def test_any_unicode_arrives_as_it_was_sent(self, text: str) -> None:
        for escaped in (True, False):
            request = {"id": text, "inputs": [{**TEXT, "shape": [1], "data": [text]}]}
            got = decode(json.dumps(request, ensure_ascii=escaped).encode())
            assert (got.texts, got.id) == ([text], text)

    def test_the_tensor_may_have_any_name(self) -> None:
        assert decode(body(name="reviews")).texts == ["a film", "a plot"]

    def test_kserve_s_client_may_name_the_model_once_more(self) -> None:
        request = {"id": "42", "model_name": "sentiment", "inputs": [TEXT], "outputs": [{"name": "label"}]}
        assert decode(json.dumps(request).encode()) == Inference(["a film", "a plot"], ["label"], "42")

    @pytest.mark.parametrize("content_type", ["str", "np", "hf", "pd_json"])
    def test_content_types_that_change_nothing_are_taken(self, content_type: str) -> None:
        assert decode(body(parameters={"content_type": content_type, "other": [{}]})).texts == ["a film", "a plot"]

    def test_the_protocol_s_optional_parts_may_be_there_or_null(self) -> None:
        request = {
            "id": "42",
            "inputs": [TEXT],
            "parameters": {"binary_data_output": True, "priority": 1, "deep": {"er": [1]}},
            "outputs": [{"name": "label", "parameters": {"binary_data": True}}, {"name": "level"}],
        }
        assert decode(json.dumps(request).encode()) == Inference(["a film", "a plot"], ["label", "level"], "42")
        nulls = {"id": None, "parameters": None, "outputs": None, "inputs": [{**TEXT, "parameters": None}]}
        assert decode(json.dumps(nulls).encode()) == Inference(["a film", "a plot"], [], None)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"a film",
            body(data=["a", "b"]) + b"\x01\x00\x00\x00a",
            body().replace(b"a film", b"\xff"),
            body().replace(b"a film", rb"\ud800"),
            b'{"parameters": {"a": ' + b"[" * 100_000,
        ],
    )
    def test_what_is_not_json_is_malformed(self, content: bytes) -> None:
        with pytest.raises(MalformedRequest, match="not valid JSON in UTF-8.* send"):
            decode(content)


@pytest.mark.parametrize(
    ("content", "pointer", "reason"),
    [
        (b'"text"', "", "The body must be an object; send"),
        (b"[]", "", "The body must be an object"),
        (b"{}", "", "inputs is missing; it must be a list of one tensor"),
        (b'{"inputs": null}', "/inputs", "inputs must be a list of one tensor"),
        (b'{"inputs": {}}', "/inputs", "inputs must be"),
        (b'{"inputs": []}', "/inputs", "inputs must be a list of one tensor"),
        (json.dumps({"inputs": [TEXT, TEXT]}).encode(), "/inputs", "inputs must be a list of one tensor"),
        (b'{"inputs": ["text"]}', "/inputs/0", "inputs must be"),
        (body(name=None), "/inputs/0", "name is missing"),
        (body(name=7), "/inputs/0/name", "name must be a string"),
        (body(shape=None), "/inputs/0", "shape is missing"),
        (body(shape=2), "/inputs/0/shape", r"shape must be \[n\] or \[n, 1\]"),
        (body(shape=["2"]), "/inputs/0/shape/0", "shape must be"),
        (body(shape=[2.5]), "/inputs/0/shape/0", "shape must be"),
        (body(shape=[]), "/inputs/0/shape", r"shape must be \[2\] or \[2, 1\], since data holds so many"),
        (body(shape=[3]), "/inputs/0/shape", r"must be \[2\] or \[2, 1\]"),
        (body(shape=[-1]), "/inputs/0/shape", r"must be \[2\]"),
        (body(shape=[1, 2]), "/inputs/0/shape", r"must be \[2\]"),
        (body(shape=[2, 1, 1]), "/inputs/0/shape", r"must be \[2\]"),
        (body(datatype=None), "/inputs/0", "datatype is missing; it must be BYTES"),
        (body(datatype="FP32"), "/inputs/0/datatype", "datatype must be BYTES"),
        (body(datatype=1), "/inputs/0/datatype", "datatype must be BYTES"),
        (body(data=None), "/inputs/0", "data is missing; .*binary_data=False"),
        (body(data="a film"), "/inputs/0/data", "data must be a list of strings"),
        (body(data={"a": "b"}), "/inputs/0/data", "data must be"),
        (body(data=["a", 3]), "/inputs/0/data/1", "data must be a list of strings"),
        (body(data=["a", {"secret": 1}]), "/inputs/0/data/1", "data must be"),
        (body(data=[["a"], ["b", "c"]]), "/inputs/0/data/1", "lists of one string each"),
        (body(data=[["a"], []]), "/inputs/0/data/1", "lists of one string each"),
        (body(data=[["a"], [3]]), "/inputs/0/data/1/0", "data must be"),
        (body(data=[["a"], [["b"]]]), "/inputs/0/data/1/0", "data must be"),
        (body(data=["a", ["b"]]), "/inputs/0/data", "mixes strings and lists"),
        (body(data=[], shape=[0]), "/inputs/0/data", "holds 0 texts; send 1 to 3"),
        (body(data=["a"] * 4, shape=[4]), "/inputs/0/data", "holds 4 texts; send 1 to 3"),
        (body(parameters=[]), "/inputs/0/parameters", "parameters must be an object"),
        (body(parameters={"content_type": 1}), "/inputs/0/parameters/content_type", "must be a string such as str"),
        (body(parameters={"content_type": "base64"}), "/inputs/0/parameters/content_type", "not in base64"),
        (body(parameters={"binary_data_size": 9}), "/inputs/0/parameters/binary_data_size", "binary_data=False"),
        (body(parameters={"binary_data_size": 9}, data=None), "/inputs/0", "binary_data=False"),
        (body(mood=1), "/inputs/0/mood", "no such field.*datatype"),
        (json.dumps({"inputs": [TEXT], "mood": 1}).encode(), "/mood", "no such field.*inputs, outputs"),
        (json.dumps({"inputs": [TEXT], "id": 7}).encode(), "/id", "id must be a string"),
        (json.dumps({"inputs": [TEXT], "parameters": "x"}).encode(), "/parameters", "parameters must be an object"),
        (json.dumps({"inputs": [TEXT], "outputs": "label"}).encode(), "/outputs", "outputs must be a list such as"),
        (json.dumps({"inputs": [TEXT], "outputs": ["label"]}).encode(), "/outputs/0", "outputs must be a list such as"),
        (json.dumps({"inputs": [TEXT], "outputs": [{}]}).encode(), "/outputs/0", "name is missing"),
        (json.dumps({"inputs": [TEXT], "outputs": [{"name": 1}]}).encode(), "/outputs/0/name", "name must be a string"),
        (json.dumps({"inputs": [TEXT], "outputs": [{"n-o": 1}]}).encode(), "/outputs/0/n-o", "no such field"),
    ],
)
def test_json_of_another_shape_is_invalid_and_the_culprit_is_named(content: bytes, pointer: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason) as caught:
        decode(content)
    assert caught.value.pointer == pointer


@given(st.data())
def test_whatever_stands_in_a_field_is_read_or_refused(data: st.DataObject) -> None:
    """Any JSON, under names of ours and others, in any of the objects."""
    names = st.sampled_from(["inputs", "outputs", "id", "parameters", *TEXT, "content_type", "binary_data_size"])
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("BYTES"),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=9), inner, max_size=4),
        max_leaves=8,
    )
    changes = st.dictionaries(names | st.text(max_size=9), anything, max_size=2)
    request = {"inputs": [{**TEXT, **data.draw(changes)}], **data.draw(changes)}
    with suppress(InvalidRequest, MalformedRequest):
        assert len(decode(json.dumps(request).encode()).texts) in (1, 2, 3)


@pytest.mark.parametrize("name", ["my secret", "secret` - at `$.id", "secret/a~b", "secret`\n - at `$.inputs[0]"])
def test_a_text_in_place_of_a_field_is_not_repeated(name: str) -> None:
    for content, pointer in ((body(**{name: 1}), "/inputs/0"), (json.dumps({name: 1}).encode(), "")):
        with pytest.raises(InvalidRequest, match="no such field") as caught:
            decode(content)
        assert caught.value.pointer == pointer
        assert "secret" not in caught.value.detail


def test_an_error_never_repeats_the_caller_s_words() -> None:
    for content, pointer in (
        (body(datatype="secret"), "/inputs/0/datatype"),
        (body(datatype="a` - at `$.secret`"), "/inputs/0/datatype"),
        (body(data=["secret", 1]), "/inputs/0/data/1"),
        (body(parameters={"content_type": ["secret"]}), "/inputs/0/parameters/content_type"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            decode(content)
        assert caught.value.pointer == pointer
        assert "secret" not in caught.value.detail


class TestOutputs:
    def test_all_but_the_scores_are_given_to_whoever_names_none(
        self, ordinal: Manifest, nominal: Manifest, multilabel: Manifest
    ) -> None:
        assert chosen([], ordinal) == ["label", "level", "polarity", "probabilities"]
        assert chosen([], nominal) == ["label", "probabilities"]
        assert chosen([], multilabel) == ["applies", "probabilities"]

    def test_scores_are_made_for_those_who_name_them(self) -> None:
        assert options_for(["label", "scores"]).scores
        assert not options_for(["label", "probabilities"]).scores

    @pytest.mark.parametrize(
        ("names", "culprit"), [(["secret"], 0), (["label", "label"], 1), (["level", "applies"], 1)]
    )
    def test_an_unknown_or_repeated_name_is_refused_with_the_names_there_are(
        self, ordinal: Manifest, names: list[str], culprit: int
    ) -> None:
        with pytest.raises(InvalidRequest, match="of label, level, polarity, probabilities, scores") as caught:
            chosen(names, ordinal)
        assert caught.value.pointer == f"/outputs/{culprit}/name"
        assert "secret" not in caught.value.detail


class TestResponses:
    def test_the_tensors_are_flat_and_row_major(self, ordinal: Manifest) -> None:
        assert encode(ordinal, [], answers(ordinal)) == {
            "model_name": "sentiment",
            "model_version": "1",
            "outputs": [
                {"name": "label", "shape": [2], "datatype": "BYTES", "data": ["Negative", "Positive"]},
                {"name": "level", "shape": [2], "datatype": "INT64", "data": [0, 4]},
                {"name": "polarity", "shape": [2], "datatype": "FP32", "data": [-1.0, 1.0]},
                {
                    "name": "probabilities",
                    "shape": [2, 5],
                    "datatype": "FP32",
                    "data": [0.5, 0.25, 0.125, 0.125, 0.0, 0.0, 0.0, 0.25, 0.0, 0.75],
                },
            ],
        }

    def test_the_outputs_come_in_the_order_in_which_they_were_asked_for(self, ordinal: Manifest) -> None:
        scores, label = encode(ordinal, ["scores", "label"], answers(ordinal))["outputs"]
        assert (scores["name"], scores["shape"], scores["datatype"]) == ("scores", [2, 5], "FP32")
        assert scores["data"] == [5.0, 2.5, 1.25, 1.25, 0.0, 0.0, 0.0, 2.5, 0.0, 7.5]
        assert label["name"] == "label"

    def test_of_many_labels_each_applies_or_not(self, multilabel: Manifest) -> None:
        first, second = answers(multilabel)
        outcomes = [replace(first, label=None, labels=("Bleak", "Weak")), replace(second, label=None, labels=())]
        (applies,) = encode(multilabel, ["applies"], outcomes)["outputs"]
        assert (applies["shape"], applies["datatype"]) == ([2, 5], "BOOL")
        assert applies["data"] == [True, True, False, False, False] + [False] * 5

    @pytest.mark.parametrize("request_id", ["42", "", 'a "b"\n\\ é 😀 \x7f'])
    def test_the_id_comes_back_as_it_was_sent(self, ordinal: Manifest, request_id: str) -> None:
        assert encode(ordinal, ["label"], answers(ordinal), request_id)["id"] == request_id

    def test_a_text_that_cannot_be_classified_refuses_the_request_and_is_pointed_at(self, ordinal: Manifest) -> None:
        outcomes = [*answers(ordinal), Rejection(code="nul_character", detail="Remove it.")]
        with pytest.raises(InvalidRequest, match="Remove it") as caught:
            encode(ordinal, [], outcomes)
        assert caught.value.pointer == "/inputs/0/data/2"


class TestMetadata:
    def test_a_model_tells_its_tensors(self, ordinal: Manifest) -> None:
        described = json.loads(msgspec.json.encode(metadata_of(ordinal)))
        assert (described["name"], described["versions"], described["platform"]) == (
            "sentiment",
            ["1"],
            "sentigrade_linear",
        )
        assert described["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
        by_name = {output["name"]: output for output in described["outputs"]}
        assert by_name["level"] == {"name": "level", "datatype": "INT64", "shape": [-1]}
        assert by_name["scores"]["parameters"] == by_name["probabilities"]["parameters"]

    def test_the_columns_of_wide_tensors_are_named_in_order(self, multilabel: Manifest) -> None:
        for output in metadata_of(multilabel).outputs:
            assert output.shape == [-1, 5]
            assert output.parameters is not None
            assert output.parameters.labels == NAMES

    def test_what_is_told_is_what_is_given(self, ordinal: Manifest, nominal: Manifest) -> None:
        for manifest in (ordinal, nominal):
            given = encode(manifest, list(outputs_of(manifest)), answers(manifest))["outputs"]
            told = metadata_of(manifest).outputs
            assert [(one["name"], one["datatype"]) for one in given] == [(one.name, one.datatype) for one in told]
            assert [one["shape"][1:] for one in given] == [one.shape[1:] for one in told]
