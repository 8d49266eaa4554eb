"""The compiled table gives scikit-learn's scores."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.linear import LinearClassifier
from sentigrade.errors import ModelFolderError
from sentigrade.labels import FIVE_LEVELS, make_labels

TEXTS = ["a fine film", "a dull film", "fine fine fine", "not a fine , fine film !", "dull", "plain film , plain"]
WORDS = ["a", "fine", "film", "dull", "not", ",", "!", "plain", "unseen", "Fine", "\U0001f600", "né"]
CLEANED = st.lists(st.sampled_from(WORDS) | st.text(max_size=4)).map(" ".join)
BLANK_SEPARATED = {"token_pattern": r"\S+", "lowercase": False}

KINDS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "words": ({**BLANK_SEPARATED}, [1, 0, 1, 2, 0, 2]),
    "pairs of words": ({**BLANK_SEPARATED, "ngram_range": (1, 2), "binary": True}, [1, 0, 1, 2, 0, 2]),
    "triples only": ({**BLANK_SEPARATED, "ngram_range": (3, 3)}, [1, 0, 1, 2, 0, 2]),
    "scikit-learn's defaults": ({}, [1, 0, 1, 2, 0, 2]),
    "a list of stop words": ({"stop_words": ["not", "film"], "ngram_range": (1, 2)}, [1, 0, 1, 2, 0, 2]),
    "words and marks": ({"token_pattern": r"(?u)\b(\w+)\b|[!?.,]", "ngram_range": (1, 2)}, [1, 0, 1, 2, 0, 2]),
    "two labels": ({**BLANK_SEPARATED, "ngram_range": (1, 2)}, [1, 0, 1, 0, 0, 1]),
}


def fit(parameters: dict[str, Any], labels: list[int]) -> Pipeline:
    return Pipeline([("c", CountVectorizer(**parameters)), ("s", LinearSVC(random_state=0))]).fit(TEXTS, labels)


def compiled(pipeline: Pipeline, path: Path, *, labels: int = 3) -> LinearClassifier:
    joblib.dump(pipeline, path)
    names = [f"label {number}" for number in range(labels)]
    return LinearClassifier.load(Parts(make_labels(names, ordered=False), path.name, path.read_bytes()))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Pipeline, LinearClassifier]]:
    folder = tmp_path_factory.mktemp("pipelines")
    fitted = {kind: fit(*made_of) for kind, made_of in KINDS.items()}
    return {
        kind: (pipeline, compiled(pipeline, folder / f"{number}.joblib", labels=len(set(KINDS[kind][1]))))
        for number, (kind, pipeline) in enumerate(fitted.items())
    }


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(CLEANED, min_size=1, max_size=5))
@settings(max_examples=60)
def test_scores_equal_scikit_learn_s(
    kind: str, texts: list[str], pairs: dict[str, tuple[Pipeline, LinearClassifier]]
) -> None:
    pipeline, classifier = pairs[kind]
    expected = pipeline.decision_function(texts)
    if expected.ndim == 1:
        expected = np.column_stack([-expected, expected])
    np.testing.assert_allclose(classifier.score(texts), expected, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@given(text=CLEANED, label=st.integers(0, 1))
@settings(max_examples=60)
def test_what_the_tokens_contribute_adds_up_to_the_score(
    kind: str, text: str, label: int, pairs: dict[str, tuple[Pipeline, LinearClassifier]]
) -> None:
    tokens = text.split()
    base, added = pairs[kind][1].contributions(tokens, label)
    assert len(added) == len(tokens)
    assert base + sum(added) == pytest.approx(pairs[kind][1].score([" ".join(tokens)])[0, label], abs=1e-9)


def test_a_term_is_split_evenly_over_its_words(pairs: dict[str, tuple[Pipeline, LinearClassifier]]) -> None:
    pipeline, classifier = pairs["triples only"]
    row = pipeline.named_steps["c"].vocabulary_["a fine film"]
    weight = pipeline.named_steps["s"].coef_[2, row]
    assert classifier.contributions(["unseen", "a", "fine", "film"], 2)[1] == pytest.approx([0, *[weight / 3] * 3])


def test_a_word_counts_for_the_token_that_it_stands_in(pairs: dict[str, tuple[Pipeline, LinearClassifier]]) -> None:
    _, classifier = pairs["scikit-learn's defaults"]
    alone = dict(zip(["dull", "film"], classifier.contributions(["dull", "film"], 0)[1], strict=True))
    assert classifier.contributions(["x", "(Dull)", "!", "dull-film"], 0)[1] == pytest.approx(
        [0, alone["dull"], 0, alone["dull"] + alone["film"]]
    )


def test_a_megabyte_of_text_scores_the_same(pairs: dict[str, tuple[Pipeline, LinearClassifier]]) -> None:
    pipeline, classifier = pairs["words"]
    text = "fine film , unseen words \U0001f600 " * 40_000
    assert len(text.encode()) > 1_000_000
    np.testing.assert_allclose(classifier.score([text]), pipeline.decision_function([text]), rtol=1e-9)


def test_an_empty_text_scores_the_intercept(pairs: dict[str, tuple[Pipeline, LinearClassifier]]) -> None:
    pipeline, classifier = pairs["words"]
    assert classifier.score([""])[0] == pytest.approx(pipeline.named_steps["s"].intercept_)


def test_its_words_are_the_vocabulary_s_single_ones(pairs: dict[str, tuple[Pipeline, LinearClassifier]]) -> None:
    assert set(pairs["pairs of words"][1].words()) == {"a", "fine", "film", "dull", "not", ",", "!", "plain"}


def test_another_number_of_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="fitted to 3 labels, the manifest lists 5"):
        compiled(fit(*KINDS["words"]), tmp_path / "m.joblib", labels=5)


@pytest.mark.parametrize(
    "parameters",
    [
        {"analyzer": "char"},
        {"strip_accents": "unicode"},
        {"stop_words": "english"},
        {"token_pattern": r"\w*"},
    ],
)
def test_a_vectorizer_that_cleans_in_its_own_way_is_refused(parameters: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="not supported"):
        compiled(fit(parameters, [1, 0, 1, 2, 0, 2]), tmp_path / "m.joblib")


def test_an_unfitted_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="not a fitted"):
        compiled(Pipeline([("c", CountVectorizer()), ("s", LinearSVC())]), tmp_path / "m.joblib")


def test_another_object_is_refused(tmp_path: Path) -> None:
    joblib.dump({"weights": [1, 2]}, tmp_path / "m.joblib")
    with pytest.raises(ModelFolderError, match="not a Pipeline"):
        LinearClassifier.load(Parts(FIVE_LEVELS, "m.joblib", (tmp_path / "m.joblib").read_bytes()))


def test_a_vocabulary_of_another_size_is_refused(tmp_path: Path) -> None:
    pipeline = fit(*KINDS["words"])
    pipeline.named_steps["c"].vocabulary_.pop("dull")
    with pytest.raises(ModelFolderError, match="not a fitted"):
        compiled(pipeline, tmp_path / "m.joblib")


def test_coefficients_must_be_finite(tmp_path: Path) -> None:
    pipeline = fit(*KINDS["words"])
    pipeline.named_steps["s"].coef_[0, 0] = np.nan
    with pytest.raises(ModelFolderError, match="finite"):
        compiled(pipeline, tmp_path / "m.joblib")


@pytest.mark.parametrize(
    "damage",
    [
        lambda pipeline: setattr(pipeline.named_steps["c"], "token_pattern", "("),
        lambda pipeline: setattr(pipeline.named_steps["c"], "vocabulary_", ["a", "b"]),
        lambda pipeline: setattr(pipeline, "steps", ["c", "s"]),
        lambda pipeline: setattr(pipeline, "steps", 7),
    ],
)
def test_a_pipeline_of_odd_parts_is_refused(damage: Any, tmp_path: Path) -> None:  # noqa: ANN401 - changes it
    pipeline = fit(*KINDS["words"])
    damage(pipeline)
    with pytest.raises(ModelFolderError, match="not a"):
        compiled(pipeline, tmp_path / "m.joblib")
