"""Open Inference Protocol v2: what is asked."""

from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.wire.numbers import with_whole_numbers
from sentigrade.wire.open_inference.mistakes import mistake_of

NO_BINARY = (
    "Binary tensors are not read here; send the texts as JSON, in data "
    "(tritonclient: set_data_from_numpy(..., binary_data=False))."
)
_SEND = 'send {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["..."]}]}'


class Parameters(msgspec.Struct, frozen=True):
    """What the protocol leaves to each server; nothing of it is known here, and all of it is ignored."""


class TensorParameters(msgspec.Struct, frozen=True):
    """How a tensor is written; what is not listed is ignored."""

    content_type: Annotated[
        str | None, Meta(description="a string such as str; base64 is refused, since texts are sent as they are")
    ] = None
    # Read to be refused, whatever it holds.
    binary_data_size: msgspec.Raw | UnsetType = UNSET


class InputTensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts of a request."""

    name: Annotated[str, Meta(description="a string")]
    shape: Annotated[list[int], Meta(description="[n] or [n, 1] for n texts")]
    datatype: Annotated[Literal["BYTES"], Meta(description="BYTES")]
    data: Annotated[
        list[str | tuple[str]],
        Meta(description="a list of strings, or of lists of one string each (JSON: tritonclient's binary_data=False)"),
    ]
    parameters: Annotated[TensorParameters | None, Meta(description="an object")] = None


class RequestedOutput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An output to give; all of them are given as JSON, whatever the parameters say."""

    name: Annotated[str, Meta(description="a string")]
    parameters: Annotated[Parameters | None, Meta(description="an object")] = None


class InferenceRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of an inference request."""

    inputs: Annotated[
        list[InputTensor], Meta(min_length=1, max_length=1, description="a list of one tensor, which holds the texts")
    ]
    outputs: Annotated[list[RequestedOutput] | None, Meta(description='a list such as [{"name": "probabilities"}]')] = (
        None
    )
    id: Annotated[str | None, Meta(description="a string; the answer carries the same")] = None
    parameters: Annotated[Parameters | None, Meta(description="an object")] = None
    # KServe's client sends it.
    model_name: Annotated[str | None, Meta(description="a string; it means nothing, the path names the model")] = None


_decode = msgspec.json.Decoder(InferenceRequest).decode


class Inference(NamedTuple):
    """Decoded request: texts, the names of the outputs that are asked for (none for the usual ones), and its id."""

    texts: list[str]
    outputs: list[str]
    id: str | None


def decode_inference(body: bytes, *, max_texts: int) -> Inference:
    """Decode the body of an inference request.

    Raises MalformedRequest for what is not JSON, and InvalidRequest, with a pointer to the culprit, for JSON of
    another shape.
    """
    try:
        request = _decode(body)
    except msgspec.ValidationError as error:
        whole = with_whole_numbers(body, InferenceRequest)
        if whole is None:
            raise mistake_of(error, _SEND, InferenceRequest, InputTensor, TensorParameters, RequestedOutput) from None
        request = whole
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedRequest(
            f"The body is not valid JSON in UTF-8, or it holds half of a surrogate pair; {_SEND}."
        ) from None
    outputs = [output.name for output in request.outputs or ()]
    return Inference(_texts(request.inputs[0], max_texts), outputs, request.id)


def _texts(tensor: InputTensor, max_texts: int) -> list[str]:
    if tensor.parameters:
        _require_plain(tensor.parameters)
    count = len(tensor.data)
    if not 1 <= count <= max_texts:
        raise InvalidRequest(f"data holds {count:,} texts; send 1 to {max_texts:,}.", pointer="/inputs/0/data")
    if tensor.shape not in ([count], [count, 1]):
        raise InvalidRequest(
            f"shape must be [{count}] or [{count}, 1], since data holds so many texts.", pointer="/inputs/0/shape"
        )
    flat = [item for item in tensor.data if isinstance(item, str)]
    if not flat:
        return [text for item in tensor.data for text in item]
    if len(flat) < count:
        raise InvalidRequest("data mixes strings and lists; send one or the other.", pointer="/inputs/0/data")
    return flat


def _require_plain(parameters: TensorParameters) -> None:
    if parameters.binary_data_size is not UNSET:
        raise InvalidRequest(NO_BINARY, pointer="/inputs/0/parameters/binary_data_size")
    if parameters.content_type and parameters.content_type.lower() == "base64":
        raise InvalidRequest(
            "Texts are sent as they are, not in base64; decode them, and leave content_type out.",
            pointer="/inputs/0/parameters/content_type",
        )
