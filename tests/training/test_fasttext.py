"""fastText, trained: the same for the same input, and errors that say what to change."""

import hashlib
import subprocess
import sys
from pathlib import Path

import fasttext
import numpy as np
import pytest
from numpy.typing import ArrayLike

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.fasttext import FastTextClassifier
from sentigrade.classifiers.fasttext_layout import read_layout
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import LabelSet, make_labels, make_multilabel
from sentigrade.model import load_model
from sentigrade.training.families import parameters_of
from sentigrade.training.fasttext import FastTextParameters
from sentigrade.training.learning import TrainingTexts
from sentigrade.training.train import Recipe, train
from tests.fasttext_models import FILLING, TEXTS, WORDS, lines

SMALL = FastTextParameters(dimensions=4, epochs=20, bucket=300)
LABELS = make_labels(["good", "odd", "bad"], ordered=False)
SEVERAL = make_multilabel(["good", "odd", "bad"])


def rows() -> list[tuple[str, str]]:
    parted = (line.removeprefix("__label__").rstrip("\n").split(" ", 1) for line in lines().splitlines())
    return [(text, label) for label, text in parted]


def texts_of(labels: LabelSet, cleaned: list[str], targets: ArrayLike) -> TrainingTexts:
    return TrainingTexts.of(labels, cleaned, Examples.of_whole_texts("rows", cleaned, targets))


@pytest.fixture(scope="module")
def texts() -> TrainingTexts:
    return texts_of(LABELS, [text for text, _ in rows()], [LABELS.ids.index(label) for _, label in rows()])


@pytest.fixture(scope="module")
def several() -> TrainingTexts:
    """Texts of which some have no label, and some have two."""
    cleaned = ["the film is a plot", "it is a film"] * 30 + [text for text, _ in rows()]
    targets = [[0, 0, 0]] * 60 + [[label == name for name in SEVERAL.ids] for _, label in rows()]
    for good in WORDS["good"]:
        cleaned += [f"{good} {odd} film" for odd in WORDS["odd"]]
        targets += [[1, 1, 0]] * len(WORDS["odd"])
    return texts_of(SEVERAL, cleaned, list(targets))


def best(texts: TrainingTexts, parameters: FastTextParameters, asked: list[str]) -> list[str]:
    scores = parameters.fit(texts, seed=1).score(asked)
    return [texts.labels.ids[column] for column in scores.argmax(axis=1)]


@pytest.mark.parametrize(
    "parameters",
    [
        SMALL,
        FastTextParameters(dimensions=4, epochs=20, word_ngrams=1),
        FastTextParameters(dimensions=4, epochs=20, loss="ova", bucket=300),
        FastTextParameters(dimensions=4, epochs=20, shortest_subword=2, longest_subword=3, bucket=300),
        FastTextParameters(dimensions=4, epochs=20, bucket=400, quantise=True),
        FastTextParameters(dimensions=4, epochs=20, bucket=400, quantise=True, cutoff=300),
    ],
)
def test_it_learns_the_words_of_each_label_and_nothing_is_left_to_chance(
    parameters: FastTextParameters, texts: TrainingTexts, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fitted = parameters.fit(texts, seed=1)
    asked = ["a warm funny film", "the weird strange plot", "it is dull and flat"]
    assert [LABELS.ids[column] for column in fitted.score(asked).argmax(axis=1)] == ["good", "odd", "bad"]
    assert parameters.fit(texts, seed=1).content == fitted.content
    assert parameters.fit(texts, seed=2).content != fitted.content
    name = fitted.save(tmp_path)
    assert name == ("model.ftz" if parameters.quantise else "model.bin")
    loaded = FastTextClassifier.load(Parts(LABELS, name, (tmp_path / name).read_bytes()))
    np.testing.assert_array_equal(loaded.score(TEXTS), fitted.score(TEXTS))
    assert capfd.readouterr() == ("", "")


def test_texts_of_any_number_of_labels_are_learned_from_those_without_one_too(several: TrainingTexts) -> None:
    fitted = SMALL.fit(several, seed=1)
    scores = fitted.score(["a warm bright film", "weird warm film", "the film is a plot"])
    assert (scores > 0).tolist() == [[True, False, False], [True, True, False], [False, False, False]]
    layout = read_layout(fitted.content, fitted.file)
    assert (layout.loss, set(layout.labels)) == ("ova", {"good", "odd", "bad", "no-label"})


def test_softmax_is_not_for_texts_of_several_labels(several: TrainingTexts) -> None:
    parameters = FastTextParameters(loss="softmax")
    with pytest.raises(DataError, match="any number applies: set loss to ova"):
        parameters.fit(several, seed=1)
    with pytest.raises(DataError, match="any number applies: set loss to ova"):
        parameters.chosen(several, 1)


def test_the_model_file_is_one_that_fasttext_itself_opens(texts: TrainingTexts, tmp_path: Path) -> None:
    SMALL.fit(texts, seed=1).save(tmp_path)
    model = fasttext.load_model(str(tmp_path / "model.bin"))
    assert set(model.labels) == {"__label__good", "__label__odd", "__label__bad"}
    assert model.predict("a warm funny film")[0] == ("__label__good",)


def test_a_word_that_looks_like_a_label_becomes_none(texts: TrainingTexts) -> None:
    cleaned = [f"__label__evil {text}" for text in texts.cleaned]
    fitted = SMALL.fit(TrainingTexts(LABELS, cleaned, texts.targets, cleaned, texts.groups), seed=1)
    assert set(read_layout(fitted.content, fitted.file).labels) == {"good", "odd", "bad"}


def test_any_seed_of_a_recipe_will_do(texts: TrainingTexts) -> None:
    assert SMALL.fit(texts, seed=2**32 - 1).content != SMALL.fit(texts, seed=2**32 - 2).content


def test_a_label_without_texts_is_an_error(texts: TrainingTexts) -> None:
    only = texts_of(LABELS, ["a film", "a plot"], [0, 1])
    with pytest.raises(DataError, match="no training text has the label bad"):
        SMALL.fit(only, seed=1)


def test_numbers_that_get_out_of_hand_are_an_error_that_says_what_to_lower(texts: TrainingTexts) -> None:
    with pytest.raises(DataError, match=r"Encountered NaN; lower lr from 1e\+30"):
        FastTextParameters(lr=1e30, dimensions=4, bucket=10).fit(texts, seed=1)


def test_more_vectors_than_fit_into_memory_are_an_error_that_says_what_to_lower(texts: TrainingTexts) -> None:
    with pytest.raises(DataError, match=r"not enough memory for 2,147,483,647 buckets of 100000 dimensions: lower b"):
        FastTextParameters(bucket=2**31 - 1, dimensions=100_000).fit(texts, seed=1)


def test_what_is_too_small_to_be_quantised_is_an_error(texts: TrainingTexts) -> None:
    with pytest.raises(DataError, match="Matrix too small for quantization"):
        FastTextParameters(dimensions=4, bucket=10, quantise=True).fit(texts, seed=1)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"cutoff": 300}, "set quantise = true"),
        ({"shortest_subword": 3, "longest_subword": 2}, "shortest subword is longer"),
        ({"lr": 0}, "`float` > 0"),
        ({"loss": "hs"}, "Invalid enum value 'hs'"),
        ({"dim": 50}, "unknown field `dim`"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(given: dict[str, object], reason: str) -> None:
    with pytest.raises(SettingError, match=f"the parameters of family fasttext: .*{reason}"):
        parameters_of("fasttext", given)


class TestPretrainedVectors:
    @pytest.fixture
    def vectors(self, tmp_path: Path) -> Path:
        """Words of one label beside each other; `sunny` stands in no training text."""
        draw = np.random.default_rng(0)
        words = [(word, number) for number, group in enumerate(WORDS.values()) for word in group]
        near = {word: np.eye(3)[number] + draw.normal(0, 0.1, 3) for word, number in [*words, ("sunny", 1)]}
        rows = [f"{word} {' '.join(f'{value:.4f}' for value in vector)}" for word, vector in near.items()]
        path = tmp_path / "words.vec"
        path.write_text("\n".join([f"{len(near)} 3", *rows, ""]))
        return path

    def parameters(self, vectors: Path, dimensions: int = 3) -> FastTextParameters:
        return FastTextParameters(vectors=str(vectors), dimensions=dimensions, epochs=5, bucket=300)

    def test_are_what_training_begins_with(self, vectors: Path, texts: TrainingTexts, tmp_path: Path) -> None:
        still = FastTextParameters(
            vectors=str(vectors), dimensions=3, epochs=1, lr=1e-6, word_ngrams=1, bucket=1, min_count=1
        )
        still.fit(texts, seed=1).save(tmp_path)
        model = fasttext.load_model(str(tmp_path / "model.bin"))
        given = dict(line.split(" ", 1) for line in vectors.read_text().splitlines()[1:])
        np.testing.assert_allclose(
            model.get_input_vector(model.get_word_id("funny")),
            np.array(given["funny"].split(), dtype=np.float64),
            atol=1e-3,
        )
        assert "sunny" not in model.words

    def test_lead_to_the_same_model_again(self, vectors: Path, texts: TrainingTexts) -> None:
        parameters = self.parameters(vectors)
        assert parameters.fit(texts, seed=1).content == parameters.fit(texts, seed=1).content
        assert best(texts, parameters, ["funny", "weird", "flat"]) == ["good", "odd", "bad"]

    def test_are_noted_by_name_and_hash(self, vectors: Path) -> None:
        noted = self.parameters(vectors).noted()
        assert noted["vectors"] == {"words.vec": hashlib.sha256(vectors.read_bytes()).hexdigest()}
        assert noted["dimensions"] == 3

    def test_of_other_dimensions_are_an_error_that_says_both(self, vectors: Path, texts: TrainingTexts) -> None:
        with pytest.raises(DataError, match=r"vectors of 3 dimensions, the parameters say 5: set dimensions to 3"):
            self.parameters(vectors, dimensions=5).fit(texts, seed=1)

    def test_of_none_of_the_words_are_an_error(self, texts: TrainingTexts, tmp_path: Path) -> None:
        (tmp_path / "other.vec").write_text("1 3\nmaison 1 2 3\n")
        with pytest.raises(DataError, match="holds none of the .* words of the texts: give vectors of their language"):
            self.parameters(tmp_path / "other.vec").fit(texts, seed=1)

    def test_that_are_not_there_are_an_error(self, texts: TrainingTexts, tmp_path: Path) -> None:
        missing = self.parameters(tmp_path / "missing.vec")
        with pytest.raises(DataError, match=r"missing\.vec cannot be read: No such file"):
            missing.fit(texts, seed=1)
        with pytest.raises(DataError, match=r"missing\.vec cannot be read: No such file"):
            missing.noted()


class TestAutotune:
    def test_finds_parameters_that_are_then_fixed(
        self, texts: TrainingTexts, capfd: pytest.CaptureFixture[str]
    ) -> None:
        asked = FastTextParameters(dimensions=4, bucket=300, autotune_seconds=1)
        found = asked.chosen(texts, 1)
        assert (found.autotune_seconds, found.loss, found.dimensions, found.bucket) == (0, "softmax", 4, 300)
        assert found.chosen(texts, 1) == found
        assert found.fit(texts, seed=1).content == found.fit(texts, seed=1).content
        assert found.noted()["lr"] == found.lr
        assert capfd.readouterr() == ("", "")

    def test_needs_more_than_one_text(self) -> None:
        labels = make_labels(["a", "b"], ordered=False)
        parameters = FastTextParameters(autotune_seconds=1)
        with pytest.raises(DataError, match="they are all the same"):
            parameters.chosen(texts_of(labels, ["a film", "A film!"], [0, 1]), 1)


def test_what_is_trained_is_a_model_folder_whose_manifest_says_how(tmp_path: Path) -> None:
    cleaned = [text for text, _ in rows()]
    examples = Examples.of_whole_texts("rows", cleaned, [LABELS.ids.index(label) for _, label in rows()])
    manifest = train(Recipe("words", LABELS, "CC0", family="fasttext", parameters=SMALL), examples, [], tmp_path / "m")
    assert manifest.requires.extra == "fasttext"
    assert manifest.requires.packages["fasttext-community"] == "0.11.9"
    assert manifest.training.parameters["loss"] == "softmax"
    assert manifest.files.keys() >= {"model.bin"}
    model = load_model(tmp_path / "m")
    assert model.manifest.metrics["rows, grouped cross-validation"]["accuracy"] > 0.9
    assert set(model.classifier.words()) >= set(FILLING)


def test_a_disk_that_is_full_is_not_taken_for_a_model(texts: TrainingTexts, tmp_path: Path) -> None:
    (tmp_path / "model.bin").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        SMALL.fit(texts, seed=1).save(tmp_path)


def test_without_the_library_nothing_else_is_missed() -> None:
    script = (
        "import sys; sys.modules['fasttext'] = None\n"
        "from sentigrade.errors import MissingExtra\n"
        "from sentigrade.training.families import parameters_of\n"
        "try: parameters_of('fasttext', {})\n"
        "except MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == 'family fasttext needs the extra "fasttext": run pip install "sentigrade[fasttext]"\n'
