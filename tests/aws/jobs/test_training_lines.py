from pathlib import Path

import pytest

from sentigrade.aws.jobs.training_lines import require_lines
from sentigrade.errors import DataError

LINES = "__label__good a fine film\n__label__bad __label__odd a dull plot\nof no label\n"


def file(folder: Path, content: bytes, name: str = "lines.txt") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_a_file_has_these_labels(tmp_path: Path) -> None:
    assert require_lines(file(tmp_path, LINES.encode())) == {"good", "bad", "odd"}


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"text,label\nfine,good\n", "reviews.csv", "is not a file of labelled lines: make lines of it with"),
        (b"__label__good \xff\n", "lines.txt", "is not UTF-8"),
        (b"__label__good a\n__label__ b\n", "lines.txt", "line 2: there is a label without a name"),
        (b"__label__good a fine film\n", "lines.train", "has fewer than two labels, so there is nothing"),
        (b"", "lines.txt", "has fewer than two labels"),
    ],
)
def test_what_nothing_can_be_learned_from_does_not_travel(
    content: bytes, name: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=reason):
        require_lines(file(tmp_path, content, name))


def test_what_is_measured_on_has_no_label_that_is_not_learned(tmp_path: Path) -> None:
    known = frozenset({"good", "bad"})
    assert require_lines(file(tmp_path, b"__label__good a fine film\n"), known) == {"good"}
    with pytest.raises(DataError, match="line 2: no text to learn from has the label 'odd'"):
        require_lines(file(tmp_path, LINES.encode()), known)
