"""Grouped cross-validation: no text is scored by a model that has seen any phrase of its group."""

from collections.abc import Iterator

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet
from sentigrade.training.learning import Parameters, TrainingTexts

FOLDS = 5


def out_of_fold_scores(
    labels: LabelSet, examples: Examples, cleaned: list[str], parameters: Parameters, *, seed: int
) -> NDArray[np.float64]:
    """Return scores (whole texts x labels) of each whole text by a model that has not seen its group.

    Raises DataError when there are too few groups for the folds, and when a training ran out of bounds.
    """
    folds = list(grouped_folds(examples.groups, seed=seed))
    asked = [test[examples.whole[test]] for _, test in folds]
    jobs = (
        delayed(_fit_and_score)(
            training_texts(labels, examples, cleaned, train), _pick(cleaned, test), parameters, seed
        )
        for (train, _), test in zip(folds, asked, strict=True)
    )
    results = Parallel(n_jobs=-1, return_as="generator")(jobs)
    scores = np.zeros((len(examples), len(labels)))
    for test, fold_scores in zip(asked, tqdm(results, "cross-validation", total=FOLDS, unit="fold"), strict=True):
        scores[test] = fold_scores
    require_finite(scores)
    return scores[examples.whole]


def require_finite(scores: NDArray[np.float64]) -> None:
    """Raise DataError for scores that a training ran out of bounds for."""
    if not np.isfinite(scores).all():
        raise DataError("the training ended in numbers that are not finite: smaller steps may help, such as a lower lr")


def grouped_folds(groups: NDArray[np.int64], *, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (train, test) positions of five folds that part no group."""
    if len(np.unique(groups)) < FOLDS:
        raise DataError(f"{FOLDS} different texts are the least that can be cross-validated")
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    yield from splitter.split(groups, groups=groups)


def _fit_and_score(texts: TrainingTexts, asked: list[str], parameters: Parameters, seed: int) -> NDArray[np.float64]:
    return parameters.fit(texts, seed=seed).score(asked)


def training_texts(
    labels: LabelSet, examples: Examples, cleaned: list[str], positions: NDArray[np.int64]
) -> TrainingTexts:
    """Return the examples at these positions, ready to fit; `cleaned` are all examples' texts, cleaned."""
    return TrainingTexts.of(labels, _pick(cleaned, positions), examples.pick(positions))


def _pick(texts: list[str], positions: NDArray[np.int64]) -> list[str]:
    return [texts[position] for position in positions]
