"""The figures behind the headline of a multi-label model: by label, by probability, and how sure the figures are."""

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import precision_recall_fscore_support

from sentigrade.evaluation.bootstrap import Interval, Times, intervals_of
from sentigrade.evaluation.calibration_error import reliability_bins
from sentigrade.evaluation.multilabel.measures import log_losses
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.predictions import main_figure

_DIGITS = 4


class FiguresAtThreshold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one label fared: ranked by its probability, and of the texts that got it and the n that should have.

    `auc` is None for a label that no text or each has.
    """

    auc: float | None = None
    precision: float
    recall: float
    f1: float
    threshold: float
    n: int


class ProbabilityBin(msgspec.Struct, frozen=True):
    """n decisions on a label of nearly the same probability: the mean of it, and the share in which it applies."""

    probability: float
    applies: float
    n: int


def by_label(predictions: MultilabelPredictions) -> dict[str, FiguresAtThreshold]:
    """Return the figures of each label by its id."""
    aucs = predictions.ranking().aucs(np.ones(len(predictions), dtype=np.int64))
    precision, recall, f1, counts = precision_recall_fscore_support(
        predictions.truth, predictions.given, average=None, zero_division=0
    )
    columns = (np.round(shares, _DIGITS).tolist() for shares in (aucs, precision, recall, f1, predictions.thresholds))
    rows = zip(predictions.labels.ids, *columns, counts.tolist(), strict=True)
    return {
        label: FiguresAtThreshold(
            auc=None if np.isnan(auc) else auc, precision=precision, recall=recall, f1=f1, threshold=threshold, n=n
        )
        for label, auc, precision, recall, f1, threshold, n in rows
    }


def by_probability(predictions: MultilabelPredictions) -> list[ProbabilityBin]:
    """Return fifteen bins of all decisions on a label, less the empty ones, the least probable first."""
    bins = reliability_bins(predictions.probabilities.ravel(), predictions.truth.ravel() == 1)
    return [ProbabilityBin(*row) for row in bins]


def intervals(predictions: MultilabelPredictions, *, seed: int = 0) -> dict[str, Interval]:
    """Return the 95 % intervals of the figures by name, from resampled texts."""
    # Without any label that some texts have and some not there is no mean to be sure of.
    ranked = {} if np.isnan(main_figure(predictions)) else {"mean_auc": predictions.main()}
    of_each_text = np.stack([predictions.correct.astype(np.float64), log_losses(predictions)])
    decisions = _decisions(predictions)

    def figures(times: Times) -> list[float]:
        hits, given, true = (decisions @ times).reshape(3, -1)
        means = (of_each_text @ times / len(times)).tolist()
        return [*(mean(times) for mean in ranked.values()), *means, *_f1(hits, given + true)]

    names = (*ranked, "exact_match", "log_loss", "micro_f1", "macro_f1")
    return dict(zip(names, intervals_of(figures, len(predictions), seed=seed), strict=True))


def _decisions(predictions: MultilabelPredictions) -> csr_matrix:
    """Return where each label was given rightly, was given, and applies: (3 labels, n), mostly zeros."""
    given, truth = predictions.given, predictions.truth
    return csr_matrix(np.hstack([given & truth, given, truth]).T)


def _f1(hits: NDArray[np.int64], given_or_true: NDArray[np.int64]) -> tuple[float, float]:
    micro = 2 * hits.sum() / max(given_or_true.sum(), 1)
    macro = (2 * hits / np.maximum(given_or_true, 1)).mean()
    return float(micro), float(macro)
