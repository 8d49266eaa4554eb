"""A network of plain arrays scores as its formula says, and no other file is taken for one."""

import pickle
import struct
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.embedding import EmbeddingClassifier, Network
from sentigrade.classifiers.families import load_classifier
from sentigrade.errors import ModelFolderError
from sentigrade.labels import LabelSet, make_labels, make_multilabel

WORDS = ["a", "fine", "dull", "film", "na\u00efve", "\U0001f600"]
LABELS = make_labels(["bad", "so-so", "good"], ordered=False)
CLEANED = st.lists(st.sampled_from([*WORDS, "unseen"]) | st.text(max_size=4)).map(" ".join)


def network(*, hidden: int = 4, labels: int = 3) -> Network:
    draw = np.random.default_rng(3)
    shapes = [(len(WORDS), hidden), (hidden,), (hidden, labels), (labels,)]
    return Network(WORDS, *(draw.normal(size=shape).astype(np.float32) for shape in shapes))


def loaded(content: bytes, labels: LabelSet = LABELS) -> EmbeddingClassifier:
    classifier = load_classifier("embedding", Parts(labels, "model.npz", content))
    assert isinstance(classifier, EmbeddingClassifier)
    return classifier


NETWORK = network()
CLASSIFIER = loaded(NETWORK.to_bytes())


def expected(cleaned: str) -> NDArray[np.float64]:
    """Score one text, word by word."""
    rows = [NETWORK.table[WORDS.index(word)].astype(np.float64) for word in cleaned.split() if word in WORDS]
    mean = np.mean(rows, axis=0) if rows else np.zeros(4)
    scores: NDArray[np.float64] = np.tanh(mean + NETWORK.hidden_bias) @ NETWORK.output.astype(np.float64)
    return scores + NETWORK.output_bias


@given(texts=st.lists(CLEANED, min_size=1, max_size=6))
def test_scores_follow_the_formula_and_a_text_scores_alone_as_among_others(texts: list[str]) -> None:
    scores = CLASSIFIER.score(texts)
    assert scores.shape == (len(texts), 3)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, [expected(text) for text in texts], atol=1e-9, rtol=0)
    np.testing.assert_allclose(scores, [CLASSIFIER.score([text])[0] for text in texts], atol=1e-9, rtol=0)


@pytest.mark.parametrize("text", ["", " ", "unseen", "unseen words only"])
def test_a_text_without_known_words_gets_what_the_layers_make_of_nothing(text: str) -> None:
    np.testing.assert_allclose(CLASSIFIER.score([text])[0], expected(""), atol=1e-9)


def test_unknown_words_change_nothing() -> None:
    assert CLASSIFIER.score(["a unseen fine film ."]).tolist() == CLASSIFIER.score(["a fine film"]).tolist()


def test_a_megabyte_of_text_is_scored() -> None:
    text = "a fine film , unseen words \U0001f600 " * 40_000
    assert len(text.encode()) > 1_000_000
    np.testing.assert_allclose(CLASSIFIER.score([text])[0], expected("a fine film \U0001f600"), atol=1e-9)


def test_it_scores_in_threads_as_in_one() -> None:
    texts = [" ".join(WORDS[: 1 + number % 6]) for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(CLASSIFIER.score, [texts] * 20):
            np.testing.assert_array_equal(scores, CLASSIFIER.score(texts))


def test_its_words_are_those_that_have_a_vector() -> None:
    assert list(CLASSIFIER.words()) == WORDS


def test_the_same_network_gives_the_same_bytes_and_comes_back_as_it_was() -> None:
    content = NETWORK.to_bytes()
    assert content == network().to_bytes()
    again = Network.of_bytes(content)
    assert again.words == WORDS
    for kept, given_ in zip(again[1:], NETWORK[1:], strict=True):
        np.testing.assert_array_equal(kept, given_)


def test_labels_of_which_any_number_applies_are_served_too() -> None:
    assert loaded(NETWORK.to_bytes(), make_multilabel(["toxic", "threat", "insult"])).score(["dull"]).shape == (1, 3)


def test_another_number_of_labels_is_refused() -> None:
    with pytest.raises(ModelFolderError, match="model.npz .*: it was trained on 3 labels, the manifest lists 2"):
        loaded(NETWORK.to_bytes(), make_labels(["bad", "good"], ordered=False))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (NETWORK._replace(words=WORDS[1:]).to_bytes(), "its arrays do not fit together"),
        (NETWORK._replace(hidden_bias=np.zeros(5, dtype=np.float32)).to_bytes(), "its arrays do not fit together"),
        (NETWORK._replace(output_bias=np.zeros((3, 1), dtype=np.float32)).to_bytes(), "its arrays do not fit together"),
        (NETWORK._replace(output=np.zeros(4, dtype=np.float32)).to_bytes(), "not enough values"),
        (NETWORK._replace(words=["a", *WORDS[:-1]]).to_bytes(), "it has a word twice"),
        (NETWORK._replace(table=np.full((6, 4), np.nan, dtype=np.float32)).to_bytes(), "a number in it is not finite"),
        (
            NETWORK._replace(table=NETWORK.table.astype(np.float64)).to_bytes(),
            "its numbers are not all of type float32",
        ),
        (NETWORK.to_bytes()[:-30], "BadZipFile|not a zip file"),
        (b"", "not a zip file"),
        (b"PK", "not a zip file"),
        (pickle.dumps([1]), "not a zip file"),
    ],
)
def test_a_file_that_is_no_sound_network_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(
        ModelFolderError, match=f"model.npz cannot be read as a model of family embedding: .*({reason})"
    ):
        loaded(content)


def archive_of(save: Callable[..., None] = np.savez, **changed: NDArray[Any]) -> bytes:
    file = BytesIO()
    words = np.frombuffer(" ".join(WORDS).encode(), dtype=np.uint8)
    save(file, **(NETWORK._asdict() | {"words": words} | changed))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive_of(np.savez_compressed), "its arrays are compressed"),
        (archive_of(more=np.zeros(1)), "it does not hold the arrays words, table"),
        (archive_of(words=np.array(WORDS, dtype=object)), "allow_pickle=False"),
        (archive_of(words=np.array([0xFF], dtype=np.uint8)), "invalid start byte"),
    ],
)
def test_an_archive_of_other_arrays_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ModelFolderError, match=reason):
        loaded(content)


# numpy reads the first two as Python, stumbles over the next two, and takes the last for no array at all.
@pytest.mark.parametrize(
    "head", ["(((", "'" * 3, "{1: 2, 'a': 3}", "{'descr': '<f4', 'fortran_order': 0, 'shape': 1}", ""]
)
@pytest.mark.parametrize("name", ["words.npy", "table.npy"])
def test_an_array_with_a_damaged_head_is_refused(name: str, head: str) -> None:
    file = BytesIO()
    damaged = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() if head else b"no array"
    with zipfile.ZipFile(BytesIO(archive_of())) as source, zipfile.ZipFile(file, "w") as target:
        for member in source.infolist():
            target.writestr(member, damaged if member.filename == name else source.read(member))
    with pytest.raises(ModelFolderError, match="model.npz cannot be read as a model of family embedding"):
        loaded(file.getvalue())


def test_a_file_of_which_a_byte_was_turned_is_refused() -> None:
    content = bytearray(NETWORK.to_bytes())
    content[content.index(NETWORK.table.tobytes()) + 3] ^= 1
    with pytest.raises(ModelFolderError, match="Bad CRC-32"):
        loaded(bytes(content))


def test_an_array_that_announces_more_than_the_file_holds_is_refused() -> None:
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(archive_of())) as source, zipfile.ZipFile(file, "w") as target:
        for member in source.infolist():
            announced = source.read(member).replace(b"(6, 4), }" + b" " * 13, b"(60000000000000, 4), }")
            target.writestr(member, announced)
    assert b"(60000000000000, 4)" in file.getvalue()
    with pytest.raises(ModelFolderError, match="allocate"):
        loaded(file.getvalue())
