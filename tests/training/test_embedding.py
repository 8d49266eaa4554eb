"""The training of family `embedding`, with torch itself; `make test-torch` runs it."""

import hashlib
from dataclasses import replace
from importlib import import_module
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.families import load_classifier
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet, make_labels, make_multilabel
from sentigrade.model import load_model
from sentigrade.training.families import parameters_of
from sentigrade.training.learning import Parameters, TrainingTexts
from sentigrade.training.train import Recipe, train

pytestmark = pytest.mark.torch

GRADES = make_labels(["bad", "good"], ordered=False)
WORDS = (("dull", "weak", "poor"), ("fine", "warm", "funny"))
SUBJECTS = ("film", "plot", "cast", "score", "ending", "script", "scene", "story")
SENTENCES = [
    (f"the {subject} is {word} , really", label)
    for label, words in enumerate(WORDS)
    for word, subject in product(words, SUBJECTS)
]
TEXTS = [text for text, _ in SENTENCES]
TARGETS = np.array([label for _, label in SENTENCES])


def parameters(**given: object) -> Parameters:
    return parameters_of("embedding", {"dimensions": 4, "batch": 8, "lr": 0.02, **given})


def texts(labels: LabelSet = GRADES, targets: np.ndarray = TARGETS) -> TrainingTexts:
    return TrainingTexts.of(labels, TEXTS, Examples.of_whole_texts("written", TEXTS, targets))


def vectors_file(path: Path) -> Path:
    """Vectors in which the good words lie opposite the bad ones, one of each that no text holds."""
    signs = {**dict.fromkeys((*WORDS[0], "dreary"), -1), **dict.fromkeys((*WORDS[1], "lovely"), 1)}
    path.write_text("".join(f"{word} {sign} {sign} 0 0.1\n" for word, sign in signs.items()))
    return path


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vectors_file(tmp_path_factory.mktemp("vectors") / "vectors.txt")


@pytest.mark.parametrize("given", [{}, {"dropout": 0.3}, {"hidden": 2}])
def test_it_learns_what_the_texts_show(given: dict[str, object]) -> None:
    fitted = parameters(**given).fit(texts(), seed=1)
    assert (fitted.score(TEXTS).argmax(axis=1) == TARGETS).mean() > 0.9


def test_a_word_that_no_text_holds_is_understood_by_its_pretrained_vector(vectors: Path) -> None:
    fitted = parameters(vectors=str(vectors)).fit(texts(), seed=1)
    unseen = ["the film is dreary", "the film is lovely"]
    assert fitted.score(unseen).argmax(axis=1).tolist() == [0, 1]
    np.testing.assert_array_equal(*parameters().fit(texts(), seed=1).score(unseen))


def test_any_number_of_labels_is_learned() -> None:
    labels = make_multilabel(["unkind", "of the plot"])
    targets = np.array([[label == 0, "plot" in text] for text, label in SENTENCES], dtype=np.int64)
    scores = parameters(dropout=0.0).fit(texts(labels, targets), seed=1).score(TEXTS)
    assert ((scores > 0) == targets).mean() > 0.9


def test_the_same_seed_gives_the_same_file_and_another_another(tmp_path: Path) -> None:
    torch = import_module("torch")
    torch.manual_seed(5)
    contents = []
    for seed in (1, 1, 2):
        torch.rand(3)
        name = parameters().fit(texts(), seed=seed).save(tmp_path)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1] != contents[2]


def test_a_fit_leaves_torch_as_it_was() -> None:
    torch = import_module("torch")
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    parameters(epochs=1).fit(texts(), seed=1)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_a_trained_model_is_served_with_the_scores_of_its_training(vectors: Path, tmp_path: Path) -> None:
    rows = [f"The {text}!" for text in TEXTS]
    chosen = parameters(vectors=str(vectors))
    recipe = Recipe(name="grades", labels=GRADES, license="self-written", family="embedding", parameters=chosen)
    written = Examples.of_whole_texts("written", rows, TARGETS)
    manifest = train(recipe, written, [], tmp_path / "model")
    assert manifest.training.parameters["vectors"] == {"vectors.txt": hashlib.sha256(vectors.read_bytes()).hexdigest()}
    assert manifest.requires.extra is None
    assert set(manifest.requires.packages) == {"spacy", "torch", "numpy"}
    model = load_model(tmp_path / "model")
    cleaned = model.cleaner.clean(rows)
    fitted = chosen.fit(TrainingTexts.of(GRADES, cleaned, written), seed=recipe.seed)
    np.testing.assert_array_equal(model.classifier.score(cleaned), fitted.score(cleaned))


def test_rare_words_get_no_vector(tmp_path: Path) -> None:
    name = parameters(min_count=10, epochs=1).fit(texts(), seed=1).save(tmp_path)
    known = set(load_classifier("embedding", Parts(GRADES, name, (tmp_path / name).read_bytes())).words())
    assert "the" in known
    assert not known.intersection(SUBJECTS)


@pytest.mark.parametrize(
    ("given", "changed", "reason"),
    [
        ({"lr": 1e30}, {}, "the loss is no finite number after epoch 1: give a smaller lr"),
        ({"min_count": 99}, {}, "no word stands in 99 of them"),
        ({}, {"targets": np.zeros(len(TEXTS), dtype=np.int64)}, "all training texts have the same label"),
        ({}, {"cleaned": ["a film"] * len(TEXTS)}, "they are all the same"),
        ({}, {"cleaned": [""] * len(TEXTS)}, "nothing can be learned from these texts"),
    ],
)
def test_what_cannot_be_learned_is_refused(given: dict[str, object], changed: dict[str, object], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        # Each is of the type of its field.
        parameters(**given).fit(replace(texts(), **changed), seed=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "given", "reason"),
    [
        ("film 1 2 3 4\n", {"dimensions": 50}, "has vectors of 4 dimensions, the parameters say 50"),
        ("pel\u00edcula 1 2 3 4\n", {}, "holds none of the .* words of the texts: give vectors of their language"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(
    content: str, given: dict[str, object], reason: str, tmp_path: Path
) -> None:
    (tmp_path / "other.vec").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=reason):
        parameters(vectors=str(tmp_path / "other.vec"), **given).fit(texts(), seed=1)
