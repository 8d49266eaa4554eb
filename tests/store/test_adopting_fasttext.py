"""A model of fastText or BlazingText from elsewhere answers as fastText itself does."""

import gzip
import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest

from sentigrade.answer import Answer
from sentigrade.classifiers.fasttext import file_in_memory
from sentigrade.data.examples import Examples
from sentigrade.errors import ModelFolderError
from sentigrade.labels import FIVE_LEVELS, make_labels
from sentigrade.manifest import Manifest
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from sentigrade.store.adopting import adopt
from sentigrade.store.foreign import Adoption
from sentigrade.training.fasttext import FastTextParameters
from sentigrade.training.train import Recipe
from sentigrade.training.train import train as train_folder
from tests.fasttext_models import TEXTS, content_of, lines, packed, quantised, train

# What fastText adds to each probability, and what rounding to six digits takes.
CLOSE = 3e-5


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - the library carries no types
    return train()


def adopted(content: bytes, folder: Path, *labels: str, file: str = "model.bin", ordered: bool = False) -> Manifest:
    return adopt(content, file, Adoption("words", labels, ordered), folder)


def numbered(*numbers: int) -> bytes:
    return content_of(train(lines({str(number): [f"word{number}", "other"] for number in numbers})))


def answers(folder: Path, texts: list[str]) -> list[Answer]:
    outcomes = Scorer(load_model(folder), max_characters=1000).score(texts)
    return [answer for answer in outcomes if isinstance(answer, Answer)]


def test_its_answers_are_fasttext_s_own(model: Any, tmp_path: Path) -> None:  # noqa: ANN401 - as above
    manifest = adopted(content_of(model), tmp_path)
    assert (manifest.family, manifest.labels.kind) == ("fasttext", "nominal")
    assert manifest.labels.names == ("bad", "good", "odd")
    for text, answer in zip(TEXTS, answers(tmp_path, TEXTS), strict=True):
        labels, probabilities = model.predict(text.replace("\n", " "), k=-1)
        assert answer.label == labels[0].removeprefix("__label__")
        expected = {label.removeprefix("__label__"): value for label, value in zip(labels, probabilities, strict=True)}
        assert answer.probabilities == pytest.approx(expected, abs=CLOSE)


def test_an_archive_of_blazingtext_is_taken_from_memory(model: Any, tmp_path: Path) -> None:  # noqa: ANN401 - fastText carries no types
    content = content_of(model)
    adopted(packed({"eval.json": b"{}", "./model.bin": content}), tmp_path, file="model.tar.gz")
    assert {path.name for path in tmp_path.iterdir()} == {"model.bin", "manifest.json"}
    assert (tmp_path / "model.bin").read_bytes() == content
    assert [answer.label for answer in answers(tmp_path, ["a fine warm film"])] == ["good"]


def test_a_quantised_model_keeps_its_suffix(tmp_path: Path) -> None:
    adopted(content_of(quantised(cutoff=260, retrain=True, qnorm=True)), tmp_path, file="lid.176.ftz")
    assert {path.name for path in tmp_path.iterdir()} == {"model.ftz", "manifest.json"}
    assert [answer.label for answer in answers(tmp_path, ["dull and flat", "weird and queer"])] == ["bad", "odd"]


def test_one_vs_all_means_that_any_number_of_labels_applies(tmp_path: Path) -> None:
    model = train(loss="ova")
    manifest = adopted(content_of(model), tmp_path, "Bad", "Good", "Odd")
    assert manifest.labels.kind == "multilabel"
    assert [label.threshold for label in manifest.labels.items] == [0.5] * 3
    for text, answer in zip(TEXTS, answers(tmp_path, TEXTS), strict=True):
        given = dict(zip(*model.predict(text.replace("\n", " "), k=-1), strict=True))
        expected = {name: given[f"__label__{name.lower()}"] for name in ("Bad", "Good", "Odd")}
        assert answer.probabilities == pytest.approx(expected, abs=CLOSE)
        assert set(answer.labels or ()) == {name for name, value in expected.items() if value >= 0.5}


def test_numbered_labels_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    manifest = adopted(numbered(10, 9, 1), tmp_path, "Poor", "Fair", "Good", ordered=True)
    assert [(label.id, label.name) for label in manifest.labels.items] == [("1", "Poor"), ("9", "Fair"), ("10", "Good")]
    assert manifest.labels.kind == "ordinal"
    assert [answer.label for answer in answers(tmp_path, ["word1", "word9", "word10"])] == ["Poor", "Fair", "Good"]


def test_names_that_are_the_labels_own_may_come_in_any_order(model: Any, tmp_path: Path) -> None:  # noqa: ANN401 - fastText carries no types
    manifest = adopted(content_of(model), tmp_path, "Bad", "Odd", "Good", ordered=True)
    assert manifest.labels.ids == ("bad", "odd", "good")
    (answer,) = answers(tmp_path, ["a fine warm film"])
    assert (answer.label, answer.level) == ("Good", 2)


def test_the_ids_of_the_five_levels_are_the_five_levels(tmp_path: Path) -> None:
    words = {label: [f"word{label.replace('_', '')}"] for label in reversed(FIVE_LEVELS.ids)}
    manifest = adopted(content_of(train(lines(words))), tmp_path)
    assert manifest.labels == FIVE_LEVELS
    (answer,) = answers(tmp_path, ["wordpositive"])
    assert (answer.label, answer.level) == ("Positive", 4)


def test_what_cannot_be_adopted_says_why(model: Any, tmp_path: Path) -> None:  # noqa: ANN401 - fastText carries no types
    content = content_of(model)
    independent = content_of(train(loss="ova"))
    for refused, labels, ordered, reason in (
        (content, ("A", "B"), False, r"trained with 3 labels \(bad, good, odd\), not 2; .*--labels` names its labels"),
        (content, ("A", "A", "B"), False, "two labels have the same"),
        (independent, (), True, r"apply independently of each other \(one-vs-all\), so they are no levels"),
        (content[:-1], (), False, r"^model\.bin ends too early: copy it again"),
        (b"foreign", (), False, r"^model\.bin ends too early|does not begin as files of version 12 do"),
    ):
        with pytest.raises(ModelFolderError, match=reason):
            adopted(refused, tmp_path, *labels, ordered=ordered)
        assert list(tmp_path.iterdir()) == []


def test_word_vectors_without_labels_are_refused(tmp_path: Path) -> None:
    with file_in_memory(lines().encode()) as path:
        model = fasttext.train_unsupervised(path, dim=4, minCount=1, bucket=10, epoch=1, thread=1, verbose=0)
    with pytest.raises(ModelFolderError, match=r"word vectors and no labels; train it with labels \(supervised\)"):
        adopted(content_of(model), tmp_path)


class TestAnArchive:
    def refused(self, content: bytes, folder: Path, reason: str) -> None:
        with pytest.raises(ModelFolderError, match=rf"^model\.tar\.gz {reason}"):
            adopted(content, folder, file="model.tar.gz")
        assert list(folder.iterdir()) == []

    def test_without_a_model_is_refused(self, tmp_path: Path) -> None:
        self.refused(packed({"model.pkl": b"..."}), tmp_path, r"holds no model\.bin: is it the artefact of Blazing")
        self.refused(packed({"../model.bin": b"..."}), tmp_path, r"holds no model\.bin")

    def test_that_is_damaged_is_refused(self, model: Any, tmp_path: Path) -> None:  # noqa: ANN401 - fastText carries no types
        whole = packed({"model.bin": content_of(model)})
        spoiled = bytearray(whole)
        spoiled[len(whole) // 2] ^= 0xFF
        for content in (b"", b"no archive", whole[: len(whole) // 2], bytes(spoiled), gzip.compress(b"no tar" * 200)):
            self.refused(content, tmp_path, r"is not a sound \.tar\.gz: copy it again")

    def test_whose_members_are_badly_described_is_refused(self, tmp_path: Path) -> None:
        long_name = tarfile.TarInfo("././@LongLink")
        long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 1
        nested = (long_name.tobuf() + b"a".ljust(512, b"\0")) * 2000
        self.refused(gzip.compress(nested, 1), tmp_path, r"is not a sound \.tar\.gz")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
            member = tarfile.TarInfo("model.bin")
            member.pax_headers = {"GNU.sparse.map": "no,numbers"}
            tar.addfile(member)
        self.refused(archive.getvalue(), tmp_path, r"is not a sound \.tar\.gz")

    def test_that_is_made_to_fill_the_memory_is_refused(self, tmp_path: Path) -> None:
        bomb = packed({"model.bin": bytes(20_000_000)})
        assert len(bomb) < 100_000
        self.refused(bomb, tmp_path, "unpacks to more than 100 times its size: not opened")
        self.refused(packed({"other": bytes(20_000_000)}), tmp_path, "unpacks to more than 100 times its size")

    def test_that_states_more_than_it_holds_is_refused(self, tmp_path: Path) -> None:
        member = tarfile.TarInfo("model.bin")
        member.size = 2**40
        self.refused(gzip.compress(member.tobuf()), tmp_path, "unpacks to more than 100 times its size")
        member.size = 100_000
        self.refused(gzip.compress(member.tobuf() + b"some"), tmp_path, r"is not a sound \.tar\.gz")

    def test_with_a_link_in_place_of_the_model_is_refused(self, tmp_path: Path) -> None:
        link = tarfile.TarInfo("model.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            tar.addfile(link)
        self.refused(archive.getvalue(), tmp_path, r"holds no model\.bin")


def test_a_trained_model_packed_as_blazingtext_does_answers_the_same_again(tmp_path: Path) -> None:
    """Ours goes to AWS's image and back: the file is fastText's, and the texts are cleaned beforehand."""
    examples = Examples.of_whole_texts("rows", *labelled())
    labels = make_labels(["bad", "good", "odd"], ordered=False)
    parameters = FastTextParameters(dimensions=4, epochs=20, bucket=100)
    train_folder(
        Recipe("words", labels, "CC0", family="fasttext", parameters=parameters), examples, [], tmp_path / "own"
    )
    own = load_model(tmp_path / "own")
    subprocess.run(["tar", "czf", tmp_path / "model.tar.gz", "-C", tmp_path / "own", "model.bin"], check=True)
    (tmp_path / "again").mkdir()
    adopted((tmp_path / "model.tar.gz").read_bytes(), tmp_path / "again", file="model.tar.gz")
    again = load_model(tmp_path / "again")
    cleaned = own.cleaner.clean([*TEXTS, "It's a FINE film!"])
    assert again.cleaner.clean(cleaned) == cleaned
    np.testing.assert_array_equal(again.classifier.score(cleaned), own.classifier.score(cleaned))


def labelled() -> tuple[list[str], list[int]]:
    parted = [line.split(" ", 1) for line in lines().splitlines()]
    return [text for _, text in parted], [["bad", "good", "odd"].index(label[9:]) for label, _ in parted]
