"""Whether onnxruntime answers as torch did."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from sentigrade.training.encoder import Grader, read_encoder
from sentigrade.training.onnx_export import onnx_bytes
from tests.tiny_encoder import tiny_encoder

pytestmark = pytest.mark.torch

LENGTHS = (1, 2, 3, 5, 8, 13, 33, 62)


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Grader:
    torch.manual_seed(1)
    grader = Grader(read_encoder(tiny_encoder(tmp_path_factory.mktemp("tiny"))).model, 3, dropout=0.1)
    torch.nn.init.normal_(grader.output.weight)
    return grader


@pytest.fixture(scope="module")
def exported(grader: Grader) -> bytes:
    return onnx_bytes(grader, {"labels": "a b c"}, int8=False)


@pytest.fixture(scope="module")
def windows(grader: Grader) -> list[NDArray[np.int64]]:
    words = grader.encoder.config.vocab_size
    return [np.random.default_rng(length).integers(5, words, (1, length)) for length in LENGTHS]


def scores(content: bytes, windows: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    session = InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(["scores"], {"input_ids": ids})[0] for ids in windows])


def of_torch(grader: Grader, windows: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    with torch.inference_mode():
        return np.concatenate([grader(torch.from_numpy(ids)).numpy() for ids in windows])


def test_it_scores_windows_of_any_length_as_torch_does(
    grader: Grader, exported: bytes, windows: list[NDArray[np.int64]]
) -> None:
    expected = of_torch(grader, windows)
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(scores(exported, windows), expected, atol=1e-5)


def test_in_8_bits_it_is_smaller_and_says_nearly_the_same(
    grader: Grader, exported: bytes, windows: list[NDArray[np.int64]], capfd: pytest.CaptureFixture[str]
) -> None:
    small = onnx_bytes(grader, {"labels": "a b c"}, int8=True)
    assert len(small) < len(exported) / 2
    assert capfd.readouterr() == ("", "")
    found, expected = scores(small, windows), of_torch(grader, windows)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.99
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.8


def test_it_brings_its_description_and_nothing_of_this_machine(exported: bytes) -> None:
    model = onnx.load_from_string(exported)
    assert [(entry.key, entry.value) for entry in model.metadata_props] == [("labels", "a b c")]
    for folder in (Path(__file__).parents[2], Path(sys.prefix), Path(torch.__file__).parent):
        assert str(folder).encode() not in exported


def test_a_roberta_reads_as_many_tokens_as_it_can(tmp_path: Path) -> None:
    encoder = read_encoder(tiny_encoder(tmp_path, kind="Roberta", pad_token_id=1))
    grader = Grader(encoder.model, 2, dropout=0.1)
    longest = [np.full((1, encoder.longest), 7)]
    content = onnx_bytes(grader, {}, int8=False)
    np.testing.assert_allclose(scores(content, longest), of_torch(grader, longest), atol=1e-5)
