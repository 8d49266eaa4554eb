"""A pickle from elsewhere becomes a model that scores raw texts as scikit-learn does."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from sentigrade.answer import Answer
from sentigrade.errors import ModelFolderError
from sentigrade.manifest import Manifest
from sentigrade.model import Model, load_model
from sentigrade.scorer import Scorer
from sentigrade.store.adopting import adopt
from sentigrade.store.foreign import Adoption
from sentigrade.text.profile import AS_IT_IS, CleaningProfile
from tests.pipelines import fit

TEXTS = ["It isn't <b>bad</b>.", "A FINE film!", "dull & dreary", "don't go; it's dull"]


def adopted(pipeline: object, folder: Path, *labels: str, ordered: bool = False) -> Manifest:
    return adopt(pickle.dumps(pipeline), "reviews.pkl", Adoption("reviews", labels, ordered), folder)


@pytest.fixture(scope="module")
def words() -> Pipeline:
    return fit(TEXTS, ["good", "good", "bad", "bad"], ngram_range=(1, 2))


@pytest.fixture(scope="module")
def words_model(words: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("adopted")
    adopted(words, folder)
    return load_model(folder)


@given(text=st.text() | st.lists(st.sampled_from(" ".join(TEXTS).split())).map(" ".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_raw_texts_score_as_they_did_elsewhere(text: str, words: Pipeline, words_model: Model) -> None:
    expected = words.decision_function([text])
    scores = words_model.classifier.score(words_model.cleaner.clean([text]))
    np.testing.assert_allclose(scores, np.column_stack([-expected, expected]), atol=1e-6)


def test_it_answers_with_its_own_labels(words_model: Model) -> None:
    (answer,) = Scorer(words_model, max_characters=100).score(["a fine film"])
    assert isinstance(answer, Answer)
    assert (answer.label, answer.model, answer.version) == ("good", "reviews", 1)


@pytest.mark.parametrize(
    ("classes", "names", "expected"),
    [
        ([0, 1, 2, 3, 4], (), ("Negative", "Somewhat Negative", "Neutral", "Somewhat Positive", "Positive")),
        (["ham", "spam"], (), ("ham", "spam")),
        (["Very Good", "bad"], (), ("Very Good", "bad")),
        ([0, 1], ("No", "Yes"), ("No", "Yes")),
        ([1, 2, 3], ("Poor", "Fair", "Good"), ("Poor", "Fair", "Good")),
        ([-1, 1], ("No", "Yes"), ("No", "Yes")),
    ],
)
def test_labels_are_those_of_its_classes(
    classes: Sequence[int | str], names: Sequence[str], expected: tuple[str, ...], tmp_path: Path
) -> None:
    pipeline = fit([f"word{number}" for number in range(len(classes))], classes)
    manifest = adopted(pipeline, tmp_path, *names)
    assert manifest.labels.names == expected
    model = load_model(tmp_path)
    (answer,) = Scorer(model, max_characters=100).score(["word1"])
    assert isinstance(answer, Answer)
    assert answer.label == expected[1]


def test_ordered_labels_are_levels(tmp_path: Path) -> None:
    manifest = adopted(fit(["aa", "bb", "cc"], [1, 2, 3]), tmp_path, "Low", "Mid", "High", ordered=True)
    assert [label.polarity for label in manifest.labels.items] == [-1, 0, 1]


def test_numbered_classes_need_names(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"numbers its classes 0, 1: name them, in this order, with .*--labels"):
        adopted(fit(["aa", "bb"], [0, 1]), tmp_path)


def test_names_must_be_as_many_as_classes(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="fitted to 3 labels, the manifest lists 2"):
        adopted(fit(["aa", "bb", "cc"], [1, 2, 3]), tmp_path, "Low", "High")
    with pytest.raises(ModelFolderError, match="fitted to 2 labels, the manifest lists 3"):
        adopted(fit(["aa", "bb"], [0, 1]), tmp_path, "Low", "Mid", "High")


def test_another_pipeline_is_refused(tmp_path: Path) -> None:
    other = Pipeline([("classify", LogisticRegression())])
    with pytest.raises(ModelFolderError, match="LogisticRegression, which is not on the list of classes"):
        adopted(other, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_joblib_file_keeps_its_suffix(tmp_path: Path) -> None:
    joblib.dump(fit(["aa", "bb"], ["x", "y"]), tmp_path / "m.joblib", compress=3)
    (tmp_path / "folder").mkdir()
    adopt((tmp_path / "m.joblib").read_bytes(), "m.joblib", Adoption("m"), tmp_path / "folder")
    assert {path.name for path in (tmp_path / "folder").iterdir()} == {"model.joblib", "manifest.json"}


def test_what_is_not_known_of_it_is_not_made_up(tmp_path: Path) -> None:
    manifest = adopted(fit(["aa", "bb"], ["x", "y"]), tmp_path)
    assert (manifest.training.data, manifest.training.seed, manifest.metrics) == ((), None, {})
    assert manifest.calibration.fitted_on == "nothing: it was adopted"
    assert manifest.license == "unknown"
    assert (manifest.cleaning, manifest.training.parameters) == (AS_IT_IS, {})


def test_what_is_known_of_its_training_is_said_and_texts_are_cleaned_as_there(tmp_path: Path) -> None:
    known = Adoption("reviews", cleaning=CleaningProfile(), parameters={"job": "reviews-1"})
    manifest = adopt(pickle.dumps(fit(["aa", "bb"], ["x", "y"])), "reviews.pkl", known, tmp_path)
    assert (manifest.cleaning, manifest.training.parameters) == (CleaningProfile(), {"job": "reviews-1"})
    (answer,) = Scorer(load_model(tmp_path), max_characters=100).score(["<b>BB</b>"])
    assert isinstance(answer, Answer)
    assert answer.label == "y"


@pytest.mark.parametrize("classes", [["好", "坏", "中"], ["A", "a", "b"], ["x" * 101, "y", "z"]])
def test_classes_that_make_no_labels_need_names(classes: list[str], tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"reviews\.pkl"):
        adopted(fit(["aa", "bb", "cc"], classes), tmp_path)


def test_a_suffix_that_is_none_is_left_out(tmp_path: Path) -> None:
    adopt(pickle.dumps(fit(["aa", "bb"], ["x", "y"])), "ok.p~kl", Adoption("m"), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"model.pkl", "manifest.json"}
