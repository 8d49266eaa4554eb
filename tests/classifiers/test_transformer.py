"""An encoder scores the windows of a text, each by itself, and no other file is taken for one."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from bench.processes import unshared_bytes
from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.deadline import within
from sentigrade.classifiers.families import load_classifier
from sentigrade.classifiers.transformer import LABELS, TOKENIZER, TransformerClassifier
from sentigrade.errors import ModelFolderError, RequestTooLarge, SettingError
from sentigrade.labels import LabelSet, make_labels
from tests.contract.plain_encoder import LONGEST, OVERLAP, encoder_of, with_metadata, word_tokenizer

WORDS = ["a", "fine", "dull", "film", "na\u00efve", "42", "\U0001f600"]
TABLE = np.random.default_rng(3).normal(size=(len(WORDS), 3)).astype(np.float32)
SPECIAL = 2  # tokens before the words
LABEL_SET = make_labels(["bad", "so-so", "good"], ordered=False)
CLEANED = st.lists(st.sampled_from([*WORDS, "unseen"]), max_size=60).map(" ".join)


def described(**changed: str) -> dict[str, str]:
    return {LABELS: " ".join(LABEL_SET.ids), TOKENIZER: word_tokenizer(WORDS).to_str()} | changed


def content_of(table: NDArray[np.float32] = TABLE) -> bytes:
    return with_metadata(encoder_of(table), described())


def loaded(content: bytes, labels: LabelSet = LABEL_SET) -> TransformerClassifier:
    classifier = load_classifier("transformer", Parts(labels, "model.onnx", content))
    assert isinstance(classifier, TransformerClassifier)
    return classifier


CONTENT = content_of()
CLASSIFIER = loaded(CONTENT)


def of_window(words: list[str]) -> NDArray[np.float64]:
    """Score one window, word by word; its beginning is a token too."""
    rows = [TABLE[WORDS.index(word)].astype(np.float64) for word in words if word in WORDS]
    total: NDArray[np.float64] = np.sum(rows, axis=0) if rows else np.zeros(3)
    return 4 * total / (len(words) + 1)


def expected(cleaned: str) -> NDArray[np.float64]:
    """Score a text, window by window."""
    words = cleaned.split()
    room = LONGEST - 1
    starts = [0]
    while starts[-1] + room < len(words):
        starts.append(starts[-1] + room - OVERLAP)
    found: NDArray[np.float64] = np.mean([of_window(words[start : start + room]) for start in starts], axis=0)
    return found


@given(texts=st.lists(CLEANED, max_size=6))
def test_a_text_scores_what_its_windows_do_on_average(texts: list[str]) -> None:
    scores = CLASSIFIER.score(texts)
    assert scores.shape == (len(texts), 3)
    assert scores.dtype == np.float64
    for row, text in zip(scores, texts, strict=True):
        np.testing.assert_allclose(row, expected(text), atol=1e-5)


@given(texts=st.lists(CLEANED, min_size=1, max_size=6))
def test_a_text_scores_alone_to_the_last_digit_what_it_scores_among_others(texts: list[str]) -> None:
    assert CLASSIFIER.score(texts).tolist() == [CLASSIFIER.score([text])[0].tolist() for text in texts]


def test_the_end_of_a_text_of_many_windows_counts() -> None:
    beginning = "a " * 1000
    assert CLASSIFIER.score([beginning + "fine " * 100]).tolist() != CLASSIFIER.score([beginning + "a " * 100]).tolist()


def test_its_words_are_those_of_its_tokens_that_are_words() -> None:
    assert sorted(CLASSIFIER.words()) == sorted(["a", "fine", "dull", "film", "na\u00efve"])


def test_it_stops_when_the_answer_is_of_no_use_any_more() -> None:
    with within(0), pytest.raises(RequestTooLarge, match="send fewer, or shorter ones"):
        CLASSIFIER.score(["a"])


def test_it_scores_in_threads_as_in_one() -> None:
    texts = [" ".join(WORDS[: 1 + number % 6]) for number in range(100)]
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(CLASSIFIER.score, [texts] * 20):
            np.testing.assert_array_equal(scores, CLASSIFIER.score(texts))


def test_labels_of_other_ids_are_refused_by_name() -> None:
    with pytest.raises(ModelFolderError, match="trained on the labels bad, so_so, good, the manifest lists good, bad$"):
        loaded(CONTENT, make_labels(["good", "bad"], ordered=False))


def renamed(old: str, new: str) -> Callable[[ModelProto], object]:
    def change(model: ModelProto) -> None:
        graph = model.graph
        for value in (*graph.input, *graph.output):
            value.name = new if value.name == old else value.name
        for node in graph.node:
            for names in (node.input, node.output):
                names[:] = [new if name == old else name for name in names]

    return change


def with_mask(model: ModelProto) -> None:
    """Let it take a mask too, as encoders that others have exported do."""
    model.graph.input.append(helper.make_tensor_value_info("attention_mask", TensorProto.INT64, [1, "tokens"]))


def without_labels_axis(model: ModelProto) -> None:
    """Let it score all texts of a batch as one."""
    model.graph.node[-1].output[0] = "both"
    model.graph.node.append(helper.make_node("ReduceSum", ["both", "over_tokens"], ["scores"], keepdims=0))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1]))


@pytest.mark.parametrize(
    "change",
    [renamed("input_ids", "tokens"), renamed("scores", "logits"), with_mask, without_labels_axis],
    ids=["input", "output", "mask", "rank"],
)
def test_an_encoder_that_is_not_asked_like_ours_is_refused(change: Callable[[ModelProto], object]) -> None:
    model = encoder_of(TABLE)
    change(model)
    with pytest.raises(ModelFolderError, match="^model.onnx is no model of family transformer: it must take input_ids"):
        loaded(with_metadata(model, described()))


def test_a_model_that_names_no_labels_is_refused() -> None:
    with pytest.raises(ModelFolderError, match="name its labels$"):
        loaded(with_metadata(encoder_of(TABLE), {TOKENIZER: described()[TOKENIZER]}))


@pytest.mark.parametrize("columns", [2, 4])
def test_more_or_fewer_scores_than_labels_are_refused(columns: int) -> None:
    with pytest.raises(ModelFolderError, match="no finite score for each label"):
        loaded(content_of(np.zeros((len(WORDS), columns), dtype=np.float32)))


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ModelFolderError, match="no finite score for each label"):
        loaded(content_of(np.full_like(TABLE, np.nan)))


def test_a_tokenizer_with_more_tokens_than_the_encoder_is_refused() -> None:
    with pytest.raises(ModelFolderError, match="model.onnx cannot be run as a model of family transformer: .*indices"):
        loaded(with_metadata(encoder_of(TABLE), described(**{TOKENIZER: word_tokenizer([*WORDS, "more"]).to_str()})))


def changed_tokenizer(**parts: object) -> str:
    tokenizer: dict[str, Any] = json.loads(word_tokenizer(WORDS).to_str())
    return json.dumps(tokenizer | parts)


@pytest.mark.parametrize(
    "tokenizer",
    [
        "",
        "{}",
        word_tokenizer(WORDS).to_str()[:-50],
        # Without an unknown token; one that begins windows with a token that there is none of, at which Rust panics.
        changed_tokenizer(model={"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "[UNK]"}),
        changed_tokenizer(
            post_processor={
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {},
            }
        ),
    ],
    ids=["none", "empty", "cut off", "unknown words", "panic"],
)
def test_a_tokenizer_that_does_not_take_every_text_is_refused(tokenizer: str) -> None:
    with pytest.raises(ModelFolderError, match="model.onnx brings no tokenizer that takes every text"):
        loaded(with_metadata(encoder_of(TABLE), described(**{TOKENIZER: tokenizer})))


@pytest.mark.parametrize("place", ["weights.bin", "../weights.bin", "/dev/zero"])
def test_weights_in_another_file_are_not_read(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = encoder_of(TABLE)
    table = model.graph.initializer[0]
    content = table.raw_data
    for folder in (tmp_path, tmp_path / "inside"):
        folder.mkdir(exist_ok=True)
        (folder / "weights.bin").write_bytes(content)
    monkeypatch.chdir(tmp_path / "inside")
    table.ClearField("raw_data")
    table.data_location = TensorProto.EXTERNAL
    table.external_data.add(key="location", value=place)
    table.external_data.add(key="length", value=str(len(content)))
    with pytest.raises(ModelFolderError, match="External data path"):
        loaded(with_metadata(model, described()))


@pytest.mark.parametrize("given_", ["two", "0", "-1", "4,2", "\u0664"])
def test_a_number_of_threads_that_is_none_is_refused(given_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", given_)
    with pytest.raises(SettingError, match=f"OMP_NUM_THREADS is {given_}: give a number of threads"):
        loaded(CONTENT)


# Prints how many threads there are after loading, and after starting; what is there before belongs to numpy.
_THREADS = """
import os, sys
from pathlib import Path
from bench.processes import unshared_bytes
from sentigrade.classifiers.base import Parts
from sentigrade.labels import make_labels
import numpy
def threads(): return len(os.listdir("/proc/self/task"))
before = threads()
from sentigrade.classifiers.transformer import load
labels = make_labels(["bad", "so-so", "good"], ordered=False)
classifier = load(Parts(labels, "model.onnx", Path(sys.argv[1]).read_bytes()))
classifier.score(["a fine film"])
print(threads() - before)
classifier.start()
print(threads() - before)
"""


@pytest.mark.parametrize(("asked", "after"), [("1", [0, 0]), ("3", [0, 2])])
def test_threads_come_with_the_start_and_only_where_they_are_asked_for(
    asked: str, after: list[int], tmp_path: Path
) -> None:
    assert list(map(int, run_alone(_THREADS, tmp_path, OMP_NUM_THREADS=asked).split())) == after


def test_nobody_is_told_which_models_are_opened(tmp_path: Path) -> None:
    run_alone(_THREADS, tmp_path, OMP_NUM_THREADS="1")
    # onnxruntime keeps there what it is about to send.
    assert list((tmp_path / "home").rglob("*")) == []


def run_alone(code: str, folder: Path, **environ: str) -> str:
    """Run code in a process that has an empty home, and nothing that onnxruntime takes for a test's."""
    (folder / "home").mkdir()
    (folder / "model.onnx").write_bytes(CONTENT)
    command = [sys.executable, "-c", code, str(folder / "model.onnx")]
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    alone = {**path, "HOME": str(folder / "home"), **environ}
    return subprocess.run(command, env=alone, capture_output=True, text=True, check=True).stdout


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # Python 3.12 warns of any thread, even of a server's
def test_workers_share_the_weights() -> None:
    megabytes = 40
    rows = np.zeros((megabytes * 2**20 // 12, 3), dtype=np.float32)
    rows[: len(WORDS)] = TABLE
    classifier = loaded(content_of(rows))
    _forked.append(classifier)
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
            assert pool.submit(_unshared_megabytes).result() < megabytes / 2
    finally:
        _forked.clear()


_forked: list[TransformerClassifier] = []


def _unshared_megabytes() -> float:
    """Return how much more memory of its own a process has once it has scored."""
    before = unshared_bytes(os.getpid())
    (classifier,) = _forked
    classifier.start()
    assert classifier.score(["a fine film"]).any()
    return (unshared_bytes(os.getpid()) - before) / 1024**2
