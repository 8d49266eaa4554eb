from pathlib import Path

import pytest

from sentigrade.data.overlap import seen_among, text_hashes, write_seen
from sentigrade.errors import ModelFolderError


def test_texts_that_differ_in_case_spacing_and_punctuation_are_the_same(tmp_path: Path) -> None:
    write_seen(["A fine film .", "Dull!", "Dull?"], tmp_path / "seen.npy")
    asked = ["a FINE film", "A fine film, really", "dull", ""]
    assert seen_among(asked, tmp_path / "seen.npy").tolist() == [True, False, True, False]


def test_texts_without_letters_are_told_apart() -> None:
    assert len(set(text_hashes([":-)", ":-(", " :-) "]).tolist())) == 2


def test_the_order_of_the_texts_leaves_no_trace(tmp_path: Path) -> None:
    write_seen(["one", "two", "two"], tmp_path / "a.npy")
    write_seen(["two", "one"], tmp_path / "b.npy")
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


@pytest.mark.parametrize("content", [b"something else", b"\x93NUMPY\x01\x00\x04\x00(((\n"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "seen.npy").write_bytes(content)
    with pytest.raises(ModelFolderError, match="does not hold the hashes of training texts"):
        seen_among(["one"], tmp_path / "seen.npy")
