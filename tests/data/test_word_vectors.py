import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from sentigrade.data.word_vectors import digests_of, read_word_vectors
from sentigrade.errors import DataError

GLOVE = "the 0.5 -1 2e-1\n. . 9 9 9\nfilm 1 2 3\nna\u00efve 4 5 6\nfilm 7 7 7\n"
# fastText ends each line with a blank.
FASTTEXT = "5 3\n" + GLOVE.replace("\n", " \n")
WORDS = ["film", "na\u00efve", "unheard-of"]
FOUND = {"film": [1, 2, 3], "na\u00efve": [4, 5, 6]}


def read(path: Path, *, dimensions: int = 3) -> dict[str, list[float]]:
    return {word: vector.tolist() for word, vector in read_word_vectors(path, WORDS, dimensions=dimensions).items()}


def written(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def written_array(path: Path, words: str = "the\nfilm\nna\u00efve\n", rows: object = None) -> Path:
    array = np.array([[0.5, -1, 0.2], *FOUND.values()], dtype=np.float32) if rows is None else rows
    with gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb") as file:
        np.save(file, np.asarray(array))
    (path.parent / "vectors.words.txt").write_text(words, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.vec", "vectors.txt.gz"])
@pytest.mark.parametrize("content", [GLOVE, FASTTEXT], ids=["GloVe", "fastText"])
def test_only_the_wanted_words_of_a_text_file_are_kept_and_of_a_repeated_one_the_first(
    name: str, content: str, tmp_path: Path
) -> None:
    file = written(tmp_path / name, content)
    assert read(file) == FOUND
    assert list(digests_of(file)) == [file.name]


@pytest.mark.parametrize("name", ["vectors.npy", "vectors.npy.gz"])
def test_the_words_of_an_array_stand_beside_it(name: str, tmp_path: Path) -> None:
    file = written_array(tmp_path / name)
    assert read(file) == FOUND
    assert list(digests_of(file)) == [file.name, "vectors.words.txt"]


def test_a_word_may_hold_blanks(tmp_path: Path) -> None:
    file = written(tmp_path / "vectors.txt", GLOVE)
    assert read_word_vectors(file, [". ."], dimensions=3)[". ."].tolist() == [9, 9, 9]


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.npy"])
def test_the_first_words_are_kept_too_where_they_are_asked_for(name: str, tmp_path: Path) -> None:
    file = written_array(tmp_path / name) if name.endswith(".npy") else written(tmp_path / name, GLOVE)
    found = read_word_vectors(file, ["na\u00efve"], dimensions=3, first=1)
    assert {word: vector.tolist() for word, vector in found.items()} == {
        "the": pytest.approx([0.5, -1, 0.2]),
        "na\u00efve": [4, 5, 6],
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "holds no word vectors"),
        ("5 0\n", "holds no word vectors"),
        ("the 1 2 3\nfilm 1 2\n", "line 2 has not 3 numbers"),
        ("2 3\nthe 1 2 3\nfilm 1 2\n", "line 3 has not 3 numbers"),
        ("the 1 2 3\nfilm 1 2 3 4\n", "line 2 has not 3 numbers"),
        ("the 1 2 3\nfilm 1 2 x\n", "line 2: a field after the word is no number"),
        ("the 1 2 3\nfilm 1 2 nan\n", "line 2: a number is not finite"),
        ("the 1 2 3\nfilm 1 2 1e60\n", "line 2: a number is not finite, or too large"),
        (b"the 1 2 3\nfil\xff 1 2 3\n", "line 2: the word is not UTF-8"),
        ("3 3\nthe 1 2 3\nfilm 1 2 3\n", "has vectors of 2 words, its first line says 3: fetch the file again"),
        ("the 1 2\n", "has vectors of 2 dimensions, the parameters say 3: set dimensions to 2"),
        ("900 300\nthe 1 2\n", "has vectors of 300 dimensions, the parameters say 3: set dimensions to 300"),
    ],
)
def test_a_text_file_that_cannot_be_used_is_refused_with_the_line(
    content: str | bytes, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=f"vectors.vec(,| ){reason.replace('line', ' ?line', 1)}"):
        read(written(tmp_path / "vectors.vec", content))


@pytest.mark.parametrize(
    ("rows", "words", "reason"),
    [
        (np.zeros((2, 3)), "the\nfilm\nplot\n", "vectors.words.txt has 3 words for the 2 rows of vectors.npy"),
        (np.zeros((4, 3)), "the\nfilm\nplot\n", "vectors.words.txt has 3 words for the 4 rows of vectors.npy"),
        (np.zeros((2, 5)), "the\nfilm\n", "vectors.npy has vectors of 5 dimensions, the parameters say 3"),
        (np.full((2, 3), np.inf), "the\nfilm\n", "vectors.words.txt, line 2: a number is not finite"),
        (np.zeros((2, 3), dtype=np.int64), "the\nfilm\n", "vectors.npy is not an array of words x dimensions"),
        (np.zeros(3), "the\nfilm\n", "vectors.npy is not an array of words x dimensions"),
    ],
)
def test_an_array_that_cannot_be_used_is_refused(rows: object, words: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=reason):
        read(written_array(tmp_path / "vectors.npy", words, rows))


def test_an_array_of_pickled_objects_is_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.array([["a", 1]], dtype=object))
    with pytest.raises(DataError, match="vectors.npy cannot be read as an array"):
        read(tmp_path / "vectors.npy")


@pytest.mark.parametrize("name", ["vectors.npy", "vectors.npy.gz"])
@pytest.mark.parametrize(
    "head", ["(((", "{1: 2, 'a': 3}", "{'descr': '<f4', 'fortran_order': True, 'shape': (4, 10**12)}"]
)
def test_an_array_with_a_damaged_head_is_refused(name: str, head: str, tmp_path: Path) -> None:
    file = written(tmp_path / name, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
    with pytest.raises(DataError, match=f"{name} cannot be read as an array"):
        read(file)


def test_a_file_without_any_of_the_words_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "vectors.vec", "perro 1 2 3\ngato 1 2 3\n")
    with pytest.raises(DataError, match="vectors.vec holds none of the 3 words of the texts"):
        read_word_vectors(file, WORDS, dimensions=3, first=1)


@pytest.mark.parametrize("name", ["vectors.npy", "vectors.npy.gz", "vectors.txt.gz"])
def test_a_file_that_was_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    written_array(tmp_path / name) if ".npy" in name else written(tmp_path / name, GLOVE)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-10])
    with pytest.raises(DataError, match=f"{name} (cannot be read as an array|is damaged or cut off)"):
        read(tmp_path / name)


def test_bytes_that_are_not_gzip_are_refused(tmp_path: Path) -> None:
    (tmp_path / "vectors.vec.gz").write_text(GLOVE)
    with pytest.raises(DataError, match="vectors.vec.gz is damaged or cut off"):
        read(tmp_path / "vectors.vec.gz")


@pytest.mark.parametrize("missing", ["vectors.vec", "vectors.npy", "vectors.words.txt"])
def test_the_file_that_is_missing_is_named(missing: str, tmp_path: Path) -> None:
    asked = missing
    if missing == "vectors.words.txt":
        asked = "vectors.npy"
        written_array(tmp_path / asked)
        (tmp_path / missing).unlink()
    with pytest.raises(DataError, match=f"{missing} cannot be read: No such file"):
        read(tmp_path / asked)
