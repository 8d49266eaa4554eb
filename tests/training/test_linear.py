from pathlib import Path

import joblib
import numpy as np
import pytest

from sentigrade.errors import DataError
from sentigrade.training.linear import LinearParameters, TrainingTexts, decision_scores, fit_linear, save_linear

SENTENCES = ["a fine film", "a dull film", "a fine plot", "a dull plot", "one fine film"]
LABELS = np.array([1, 0, 1, 0, 1])


def texts(cleaned: list[str] = SENTENCES) -> TrainingTexts:
    return TrainingTexts.of(cleaned, LABELS, np.ones(5, dtype=bool))


def test_each_cleaned_text_counts_once_a_label() -> None:
    taken = TrainingTexts.of(["a", "b", "a", "a"], np.array([0, 1, 0, 1]), np.array([True, False, False, False]))
    assert taken.cleaned == ["a", "b", "a"]
    assert taken.labels.tolist() == [0, 1, 1]
    assert taken.whole == ["a"]


def test_words_are_all_terms_but_pairs_only_those_of_two_whole_texts() -> None:
    count = fit_linear(texts(), LinearParameters(), seed=1).named_steps["count"]
    assert set(count.vocabulary_) == {"a", "fine", "dull", "film", "plot", "one", "a fine", "fine film", "a dull"}


def test_term_weights_leave_a_plain_pipeline_that_scores_by_itself() -> None:
    pipeline = fit_linear(texts(), LinearParameters(), seed=1)
    assert (pipeline.predict(SENTENCES) == LABELS).all()
    coefficients = dict(zip(pipeline.named_steps["count"].get_feature_names_out(), pipeline[-1].coef_[0], strict=True))
    score = sum(coefficients[term] for term in ("a", "dull", "film", "a dull")) + pipeline[-1].intercept_[0]
    assert decision_scores(pipeline, ["a dull film"])[0] == pytest.approx([-score, score])


def test_without_weights_it_is_scikit_learn_s_own_fit() -> None:
    flat = LinearParameters(rarity=0.0, decay=1.0, longest_ngram=1)
    pipeline = fit_linear(texts(), flat, seed=1)
    again = pipeline[-1].__class__(**pipeline[-1].get_params()).fit(pipeline[0].transform(SENTENCES), LABELS)
    np.testing.assert_allclose(pipeline[-1].coef_, again.coef_)


def test_the_pickle_is_plain_and_small(tmp_path: Path) -> None:
    save_linear(fit_linear(texts(), LinearParameters(), seed=1), tmp_path / "m.joblib")
    pipeline = joblib.load(tmp_path / "m.joblib")
    assert pipeline[-1].coef_.dtype == np.float32
    assert {type(index) for index in pipeline[0].vocabulary_.values()} == {int}


@pytest.mark.parametrize("cleaned", [[""] * 5, [" "] * 5])
def test_texts_without_words_are_an_error(cleaned: list[str]) -> None:
    with pytest.raises(DataError, match="nothing can be learned"):
        fit_linear(texts(cleaned), LinearParameters(), seed=1)


def test_a_single_label_is_an_error() -> None:
    one_label = texts()._replace(labels=np.ones(5, dtype=np.int64))
    with pytest.raises(DataError, match="same label"):
        fit_linear(one_label, LinearParameters(), seed=1)
