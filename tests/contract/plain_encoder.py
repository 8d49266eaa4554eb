"""A model of family `transformer`, put together without torch: so serving it is tested where there is none."""

from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, load_from_string, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.transformer import LABELS, SCORES, TOKENIZER, TOKENS, load
from sentigrade.labels import LabelSet
from sentigrade.training.learning import TrainingTexts
from tests.contract.word_shares import NothingToChoose, word_shares

UNKNOWN, BEGINNING = "[UNK]", "[CLS]"
# Tokens in a window, and those that it shares with the next; one of each window is its beginning.
LONGEST, OVERLAP = 16, 4


class PlainParameters(NothingToChoose, frozen=True):
    extra: ClassVar[str | None] = "transformer"
    packages: ClassVar[tuple[str, ...]] = ("tokenizers", "onnxruntime", "numpy")

    def fit(self, texts: TrainingTexts, *, seed: int) -> "PlainEncoder":
        """Make of each word's shares its row in the table of an encoder."""
        words, table = word_shares(texts)
        described = {LABELS: " ".join(texts.labels.ids), TOKENIZER: word_tokenizer(words).to_str()}
        return PlainEncoder(with_metadata(encoder_of(table), described), texts.labels)


class PlainEncoder(NamedTuple):
    """What came of it."""

    content: bytes
    labels: LabelSet

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        return load(Parts(self.labels, "model.onnx", self.content)).score(cleaned)

    def save(self, folder: Path) -> str:
        (folder / "model.onnx").write_bytes(self.content)
        return "model.onnx"


def word_tokenizer(words: list[str]) -> Tokenizer:
    """Return a tokenizer that knows these words, from token 2 on, and parts long texts into windows."""
    known = {word: token for token, word in enumerate([UNKNOWN, BEGINNING, *words])}
    tokenizer = Tokenizer(WordLevel(known, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(
        single=f"{BEGINNING} $A", special_tokens=[(BEGINNING, known[BEGINNING])]
    )
    tokenizer.enable_truncation(LONGEST, stride=OVERLAP)
    return tokenizer


def encoder_of(table: NDArray[np.float32]) -> ModelProto:
    """Return the encoder that scores the mean of its tokens' rows, times 4.

    `table` (words, labels) has a row for each word; unknown ones and the beginning of a window have zeros.
    """
    rows = np.vstack([np.zeros((2, table.shape[1]), dtype=np.float32), table])
    weights = [
        numpy_helper.from_array(rows, "table"),
        numpy_helper.from_array(np.array([1]), "over_tokens"),
        numpy_helper.from_array(np.eye(table.shape[1], dtype=np.float32) * 4, "output"),
    ]
    nodes = [
        helper.make_node("Gather", ["table", TOKENS], ["states"]),
        helper.make_node("ReduceMean", ["states", "over_tokens"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "output"], [SCORES]),
    ]
    tokens = helper.make_tensor_value_info(TOKENS, TensorProto.INT64, [1, "tokens"])
    scores = helper.make_tensor_value_info(SCORES, TensorProto.FLOAT, [1, table.shape[1]])
    graph = helper.make_graph(nodes, "plain", [tokens], [scores], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def with_metadata(model: ModelProto, described: dict[str, str]) -> bytes:
    """Return the bytes of an ONNX file with this metadata."""
    helper.set_model_props(model, described)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def slowed(content: bytes, *, width: int = 2000) -> bytes:
    """Return a plain encoder with layers of zeros, which add nothing to its scores but some milliseconds a window."""
    model = load_from_string(content)
    graph = model.graph
    (labels,) = (weights.dims[0] for weights in graph.initializer if weights.name == "output")
    layers, before = [], "states"
    for number, shape in enumerate([(labels, width), (width, width), (width, width), (width, labels)]):
        graph.initializer.append(numpy_helper.from_array(np.array(shape), f"shape{number}"))
        layers.append(helper.make_node("ConstantOfShape", [f"shape{number}"], [f"zeros{number}"]))
        layers.append(helper.make_node("MatMul", [before, f"zeros{number}"], [before := f"hidden{number}"]))
    layers.append(helper.make_node("Add", ["states", before], ["sums"]))
    for node in graph.node:
        if node.op_type == "ReduceMean":
            node.input[0] = "sums"
    nodes = [graph.node[0], *layers, *graph.node[1:]]
    del graph.node[:]
    graph.node.extend(nodes)
    changed: bytes = model.SerializeToString(deterministic=True)
    return changed
