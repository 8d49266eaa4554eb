"""A teacher labels texts, and a file remembers what it said."""

from pathlib import Path

import numpy as np
import pytest

from sentigrade.answer import Answer
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import FIVE_LEVELS, make_labels, make_multilabel
from sentigrade.model import Model
from sentigrade.scorer import Scorer
from sentigrade.training.teaching import Teacher, label

TEXTS = ["A superb plot.", "A dull cast.", "The usual script.", "Dreadful!", "A decent ending.", "What a score."]


@pytest.fixture(scope="module")
def teacher(model: Model) -> Teacher:
    return Teacher.of(model, max_characters=1000)


def gone(teacher: Teacher) -> Teacher:
    """Return the same teacher, who cannot be asked."""
    return teacher._replace(folder=Path("nowhere"))


def test_a_text_gets_what_the_teacher_answers(teacher: Teacher, scorer: Scorer) -> None:
    answers = [answer for answer in scorer.score(TEXTS) if isinstance(answer, Answer)]
    expected = [list(answer.probabilities.values()) for answer in answers]
    assert label(teacher, TEXTS).tolist() == expected
    assert label(teacher, TEXTS).shape == (6, 5)


def test_a_text_that_the_teacher_rejects_has_no_label(teacher: Teacher, tmp_path: Path) -> None:
    texts = ["A gem.", "A\0gem."]
    for _ in range(2):
        assert np.isnan(label(teacher, texts, tmp_path / "l.jsonl.gz")).all(axis=1).tolist() == [False, True]


def test_what_a_file_remembers_is_not_asked_again(teacher: Teacher, tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl.gz"
    first = label(teacher, TEXTS, file)
    np.testing.assert_array_equal(label(gone(teacher), TEXTS, file), first)
    np.testing.assert_array_equal(label(gone(teacher), TEXTS[:2], file), first[:2])


@pytest.mark.parametrize("lost", [0, 1, 10, 60])
def test_a_run_that_was_killed_goes_on_where_it_was(lost: int, teacher: Teacher, tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl.gz"
    label(teacher, TEXTS[:2], file)
    sound = file.stat().st_size
    label(teacher, TEXTS[:4], file)
    killed = file.read_bytes()
    file.write_bytes(killed[: len(killed) - lost])
    assert file.stat().st_size > sound
    np.testing.assert_array_equal(label(teacher, TEXTS, file), label(teacher, TEXTS))
    np.testing.assert_array_equal(label(gone(teacher), TEXTS, file), label(teacher, TEXTS))


def test_a_file_of_another_teacher_or_of_other_texts_is_refused(teacher: Teacher, tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl.gz"
    label(teacher, TEXTS, file)
    before = file.read_bytes()
    with pytest.raises(DataError, match=r"was labelled by another model than other@1: give another file"):
        label(teacher._replace(identity="other@1"), TEXTS, file)
    with pytest.raises(DataError, match="holds labels of other texts than these: give another file"):
        label(teacher, TEXTS[::-1], file)
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"nonsense", b"\x1f\x8b", b"text,label\nA gem,good\n"])
def test_a_file_that_is_no_memory_is_refused_and_left_alone(content: bytes, teacher: Teacher, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(content)
    with pytest.raises(DataError, match="mine .*: give another file"):
        label(teacher, TEXTS, tmp_path / "mine")
    assert (tmp_path / "mine").read_bytes() == content


def test_a_file_that_cannot_be_written_is_an_error_before_the_work(teacher: Teacher, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be used: No such file or directory"):
        label(gone(teacher), TEXTS, tmp_path / "gone" / "labelled.jsonl.gz")


def test_a_teacher_needs_the_student_s_labels(teacher: Teacher) -> None:
    teacher.require_labels(FIVE_LEVELS)
    with pytest.raises(SettingError, match=r"sentiment@1#.* gives negative, .*, the data has bad, good: both need"):
        teacher.require_labels(make_labels(["bad", "good"], ordered=True))
    with pytest.raises(SettingError, match="labels of which several may apply"):
        teacher._replace(labels=make_multilabel(["bad", "good"])).require_labels(FIVE_LEVELS)
