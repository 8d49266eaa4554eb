"""fastText's own probabilities, whatever kind of model."""

import builtins
import importlib
import multiprocessing
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sentigrade.calibration import sigmoid, softmax
from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.fasttext import FastTextClassifier
from sentigrade.classifiers.fasttext_layout import read_layout
from sentigrade.errors import MissingExtra, ModelFolderError
from sentigrade.labels import make_labels
from tests.fasttext_models import FILLING, TEXTS, content_of, lines, packed, quantised, train

LABELS = make_labels(["odd", "good", "bad"], ordered=False)
# What fastText adds to each probability and what 32 bits hold.
CLOSE = 2e-5

KINDS: dict[str, Any] = {
    "softmax": train,
    "softmax, pairs of words": lambda: train(wordNgrams=2, bucket=50),
    "softmax, subwords": lambda: train(minn=2, maxn=3, bucket=50),
    "hierarchical softmax": lambda: train(loss="hs"),
    "one-vs-all": lambda: train(loss="ova"),
    "quantised": quantised,
    "quantised and cut": lambda: quantised(cutoff=260, retrain=True, qnorm=True),
}


@pytest.fixture(scope="module")
def models() -> Mapping[str, Any]:
    return {kind: make() for kind, make in KINDS.items()}


@pytest.fixture(scope="module")
def plain(models: Mapping[str, Any]) -> bytes:
    return content_of(models["softmax"])


def opened(content: bytes) -> FastTextClassifier:
    return FastTextClassifier.load(Parts(LABELS, "model.bin", content))


def own_probabilities(model: Any, text: str) -> NDArray[np.float64]:  # noqa: ANN401 - the library carries no types
    given = dict(zip(*model.predict(text.replace("\n", " "), k=-1), strict=True))
    return np.array([given[f"__label__{label}"] for label in LABELS.ids])


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_are_fasttext_s_own_in_the_order_of_the_label_set(kind: str, models: Mapping[str, Any]) -> None:
    scores = opened(content_of(models[kind])).score(TEXTS)
    probabilities = (sigmoid if kind == "one-vs-all" else softmax)(scores)
    expected = [own_probabilities(models[kind], text) for text in TEXTS]
    np.testing.assert_allclose(probabilities, expected, atol=CLOSE)


@pytest.mark.parametrize("kind", KINDS)
def test_one_by_one_equals_all_at_once_and_in_threads(kind: str, models: Mapping[str, Any]) -> None:
    classifier = opened(content_of(models[kind]))
    at_once = classifier.score(TEXTS)
    assert at_once.shape == (len(TEXTS), len(LABELS))
    np.testing.assert_array_equal(np.vstack([classifier.score([text]) for text in TEXTS]), at_once)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(classifier.score, [TEXTS] * 20):
            np.testing.assert_array_equal(scores, at_once)
    assert classifier.score([]).shape == (0, len(LABELS))


def test_a_forked_process_scores_the_same(plain: bytes) -> None:
    classifier = opened(plain)
    forking = multiprocessing.get_context("fork")
    scores = forking.SimpleQueue()
    process = forking.Process(target=lambda: scores.put(classifier.score(TEXTS)))
    process.start()
    np.testing.assert_array_equal(scores.get(), classifier.score(TEXTS))
    process.join()


@pytest.mark.parametrize(("loss", "expected"), [("softmax", [1 / 3] * 3), ("ova", [0, 0, 0])])
def test_a_text_without_any_known_word_leans_nowhere(loss: str, expected: list[float]) -> None:
    # fastText takes the end of a line for a word; a model that does not know it answers nothing.
    classifier = opened(content_of(train(loss=loss)).replace(b"</s>\0", b"</x>\0"))
    normalise = sigmoid if loss == "ova" else softmax
    np.testing.assert_allclose(normalise(classifier.score(["", "unheard-of"])), [expected] * 2, atol=CLOSE)


def test_it_knows_the_words_of_its_texts(plain: bytes) -> None:
    words = set(opened(plain).words())
    assert words >= set(FILLING)
    assert "__label__bad" not in words


def test_a_label_that_stands_for_none_is_not_answered() -> None:
    model = train(lines() + "__label__no-label it is the film\n" * 20, loss="ova")
    scores = opened(content_of(model)).score(TEXTS)
    np.testing.assert_allclose(sigmoid(scores), [own_probabilities(model, text) for text in TEXTS], atol=CLOSE)


def test_other_labels_than_the_manifest_s_are_refused(plain: bytes) -> None:
    for names in (["good", "bad"], ["good", "bad", "odd", "new"], ["good", "bad", "new"]):
        with pytest.raises(ModelFolderError, match=r"model\.bin was trained with other labels than those of the man"):
            FastTextClassifier.load(Parts(make_labels(names, ordered=False), "model.bin", plain))


@pytest.mark.parametrize("kind", KINDS)
def test_the_layout_says_loss_and_labels(kind: str, models: Mapping[str, Any]) -> None:
    layout = read_layout(content_of(models[kind]), "model.bin")
    assert layout.loss == {"hierarchical softmax": "hs", "one-vs-all": "ova"}.get(kind, "softmax")
    assert [f"__label__{label}" for label in layout.labels] == models[kind].labels


@pytest.mark.parametrize("kind", ["softmax, subwords", "hierarchical softmax", "quantised and cut"])
def test_a_file_that_is_cut_off_is_refused_wherever(kind: str, models: Mapping[str, Any]) -> None:
    content = content_of(models[kind])
    for length in {*range(200), *range(200, len(content), 97), len(content) - 1}:
        with pytest.raises(ModelFolderError, match=r"^model\.bin (ends too early: copy it again|is not a model of)"):
            read_layout(content[:length], "model.bin")


SPOILING = """
import random, resource, sys
import numpy as np
from pathlib import Path
from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.fasttext import FastTextClassifier
from sentigrade.errors import ModelFolderError
from sentigrade.labels import make_labels

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
content, draw, opened = Path(sys.argv[1]).read_bytes(), random.Random(7), 0
for _ in range(300):
    spoiled = bytearray(content)
    for _ in range(draw.choice([1, 1, 3])):
        place = draw.randrange(min(len(content), 400)) if draw.random() < 0.8 else draw.randrange(len(content))
        spoiled[place] = draw.choice([0, 1, 127, 128, 255, draw.randrange(256)])
    try:
        parts = Parts(make_labels(["odd", "good", "bad"], ordered=False), "model.bin", bytes(spoiled))
        classifier = FastTextClassifier.load(parts)
        assert np.isfinite(classifier.score(["a fine film", "", "zz zz " * 50])).all()
        opened += 1
    except ModelFolderError:
        pass
print(opened)
"""


@pytest.mark.parametrize("kind", ["softmax, subwords", "hierarchical softmax", "quantised and cut"])
def test_a_file_with_spoiled_bytes_is_refused_or_scores(kind: str, models: Mapping[str, Any], tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(content_of(models[kind]))
    # In a process of its own: fastText would take this one along, and its memory is bounded.
    command = [sys.executable, "-c", SPOILING, str(tmp_path / "model.bin")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert 0 < int(done.stdout) < 300  # spoiled words and weights can be scored with, spoiled counts cannot


def replaced(content: bytes, place: int, value: bytes) -> bytes:
    return content[:place] + value + content[place + len(value) :]


# The header: magic, version, dimensions, window, epochs, rarest word, negatives, n-grams, loss, model, buckets, ...
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: b"\x80\x04" + content, "does not begin as files of version 12 do"),
        (lambda content: replaced(content, 4, b"\x0b"), "does not begin as files of version 12 do"),
        (lambda content: replaced(content, 36, b"\x02"), "holds word vectors and no labels"),
        (lambda content: replaced(content, 32, b"\x02"), "its loss is none of hs, ova, softmax"),
        (lambda content: replaced(content, 28, b"\xff\xff\x7f\x00"), "lengths of its n-grams are beyond all reason"),
        (lambda content: replaced(content, 28, b"\x02"), "has n-grams, but no buckets for them"),
        (lambda content: replaced(content, 64, b"\xff"), "its dictionary counts wrongly"),
        (lambda content: content + b"\0", "it holds more than it says"),
        (lambda content: replaced(content, len(content) - 4, b"\x00\x00\xc0\x7f"), "a weight in it is no number"),
        (lambda content: content.replace(b"__label__odd", b"__class__odd"), "is not called __label__ and a name"),
        (lambda content: content.replace(b"__label__odd", b"__label__Bad"), "differ in case or punctuation alone"),
        (lambda content: content.replace(b"__label__odd", b"__label__bad"), "it has a label twice"),
        (lambda content: content.replace(b"__label__odd", b"__label__..."), "needs a letter or a digit"),
    ],
)
def test_what_fasttext_would_stumble_over_is_named(spoil: Callable[[bytes], bytes], reason: str, plain: bytes) -> None:
    with pytest.raises(ModelFolderError, match=rf"^model\.bin is not a model of fastText that can be used: .*{reason}"):
        opened(spoil(plain))


def test_only_hierarchical_softmax_needs_the_labels_in_the_order_of_how_often_they_occurred(
    models: Mapping[str, Any], plain: bytes
) -> None:
    def oftener(content: bytes) -> bytes:
        return replaced(content, content.index(b"__label__odd\0") + len(b"__label__odd\0"), struct.pack("<q", 10**6))

    np.testing.assert_array_equal(opened(oftener(plain)).score(TEXTS), opened(plain).score(TEXTS))
    with pytest.raises(ModelFolderError, match="its labels are not in the order of how often they occurred"):
        opened(oftener(content_of(models["hierarchical softmax"])))


def test_a_model_of_a_single_label_is_refused() -> None:
    content = content_of(train("__label__good a film\n" * 10))
    with pytest.raises(ModelFolderError, match="it knows a single label, and a classifier needs two"):
        opened(content)


def test_an_archive_is_no_model_file(plain: bytes) -> None:
    with pytest.raises(ModelFolderError, match="does not begin as files of version 12 do"):
        opened(packed({"model.bin": plain}))


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *given: Any) -> Any:  # noqa: ANN401 - as the original
        if name == "fasttext":
            raise ImportError(name)
        return real(name, *given)

    for name in ("fasttext", "sentigrade.classifiers.fasttext"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        MissingExtra, match=r'family fasttext needs the extra "fasttext": run pip install "sentigrade\['
    ):
        importlib.import_module("sentigrade.classifiers.fasttext")
