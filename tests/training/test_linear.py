from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.linear import LinearClassifier
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet, make_labels, make_multilabel
from sentigrade.training.learning import TrainingTexts
from sentigrade.training.linear import FittedLinear, LinearParameters

SENTENCES = ["a fine film", "a dull film", "a fine plot", "a dull plot", "one fine film"]
LABELS = np.array([1, 0, 1, 0, 1])
PARAMETERS = LinearParameters()
TWO = make_labels(["bad", "good"], ordered=False)
PRAISE_AND_PLOT = make_multilabel(["praise", "plot"])
BOTH = np.array([[1, 0], [0, 0], [1, 1], [0, 1], [1, 0]])


def fitted(
    parameters: LinearParameters = PARAMETERS,
    cleaned: list[str] = SENTENCES,
    labels: LabelSet = TWO,
    targets: NDArray[np.int64] = LABELS,
) -> FittedLinear:
    texts = TrainingTexts.of(labels, cleaned, Examples.of_whole_texts("rows", cleaned, targets))
    return parameters.fit(texts, seed=1)


def test_words_are_all_terms_but_pairs_only_those_of_two_whole_texts() -> None:
    count = fitted().pipeline.named_steps["count"]
    assert set(count.vocabulary_) == {"a", "fine", "dull", "film", "plot", "one", "a fine", "fine film", "a dull"}


def test_term_weights_leave_a_plain_pipeline_that_scores_by_itself() -> None:
    pipeline = fitted().pipeline
    assert (pipeline.predict(SENTENCES) == LABELS).all()
    coefficients = dict(zip(pipeline.named_steps["count"].get_feature_names_out(), pipeline[-1].coef_[0], strict=True))
    score = sum(coefficients[term] for term in ("a", "dull", "film", "a dull")) + pipeline[-1].intercept_[0]
    assert fitted().score(["a dull film"])[0] == pytest.approx([-score, score])


def test_without_weights_it_is_scikit_learn_s_own_fit() -> None:
    flat = LinearParameters(rarity=0.0, decay=1.0, longest_ngram=1)
    pipeline = fitted(flat).pipeline
    again = pipeline[-1].__class__(**pipeline[-1].get_params()).fit(pipeline[0].transform(SENTENCES), LABELS)
    np.testing.assert_allclose(pipeline[-1].coef_, again.coef_)


def test_the_pickle_is_plain_and_small(tmp_path: Path) -> None:
    pipeline = joblib.load(tmp_path / fitted().save(tmp_path))
    assert pipeline[-1].coef_.dtype == np.float32
    assert {type(index) for index in pipeline[0].vocabulary_.values()} == {int}


@pytest.mark.parametrize("cleaned", [[""] * 5, [" "] * 5])
def test_texts_without_words_are_an_error(cleaned: list[str]) -> None:
    with pytest.raises(DataError, match="nothing can be learned"):
        fitted(cleaned=cleaned)


def test_a_single_label_is_an_error() -> None:
    with pytest.raises(DataError, match="same label"):
        fitted(targets=np.ones(5, dtype=np.int64))


def test_terms_that_stand_in_too_few_texts_are_left_out_but_words() -> None:
    vocabulary = fitted(LinearParameters(least_texts=3)).pipeline.named_steps["count"].vocabulary_
    assert {term for term in vocabulary if " " in term} == set()
    assert "one" in vocabulary


def test_each_of_several_labels_is_fitted_by_itself() -> None:
    together = fitted(labels=PRAISE_AND_PLOT, targets=BOTH).score(SENTENCES)
    alone = fitted(targets=BOTH[:, 0]).score(SENTENCES)[:, 1]
    # Trained on the same: what another label says changes nothing.
    np.testing.assert_allclose(together[:, 0], alone, rtol=1e-3)
    assert ((together > 0) == BOTH).all()


@pytest.mark.parametrize(
    ("labels", "targets"),
    [
        (TWO, LABELS),
        (make_labels(["bad", "good", "plot"], ordered=False), np.array([1, 0, 2, 0, 1])),
        (PRAISE_AND_PLOT, BOTH),
    ],
)
@pytest.mark.parametrize("naive_bayes", [0.0, 0.5])
def test_what_is_saved_scores_as_what_was_fitted(
    labels: LabelSet, targets: NDArray[np.int64], naive_bayes: float, tmp_path: Path
) -> None:
    fit = fitted(LinearParameters(naive_bayes=naive_bayes), labels=labels, targets=targets)
    name = fit.save(tmp_path)
    classifier = LinearClassifier.load(Parts(labels, name, (tmp_path / name).read_bytes()))
    asked = [*SENTENCES, "", "what a dull dull plot"]
    np.testing.assert_allclose(classifier.score(asked), fit.score(asked), atol=1e-6)


def test_naive_bayes_weighs_terms_by_what_they_say_of_a_label() -> None:
    def weight_of(term: str, naive_bayes: float) -> float:
        pipeline = fitted(LinearParameters(naive_bayes=naive_bayes, longest_ngram=1)).pipeline
        return abs(float(pipeline[-1].coef_[0][pipeline[0].vocabulary_[term]]))

    # "film" stands in texts of both labels, "fine" in those of one.
    assert weight_of("film", 1.0) / weight_of("fine", 1.0) < weight_of("film", 0.0) / weight_of("fine", 0.0)
