"""A calibration of few numbers, for scores that hardly need one and for few texts to fit it to.

Scores that were learned as logits are out by their scale and a little by their base rates (Guo et al., "On Calibration
of Modern Neural Networks", ICML 2017; Alexandari et al., "Maximum Likelihood with Bias-Corrected Calibration", ICML
2020). More numbers than that would learn the texts by heart: docs/transformer.md has the figures.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

# What a bias of 1 adds to the mean log loss.
_BIAS_COST = 0.01

Affine = tuple[NDArray[np.float64], NDArray[np.float64]]


def one_scale(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> Affine:
    """Return weights (labels, labels), a multiple of the identity, and a bias (labels,), for labels (n,)."""
    count = scores.shape[1]

    def loss(numbers: NDArray[np.float64]) -> float:
        scale, bias = np.exp(numbers[0]), numbers[1:]
        said = log_softmax(scale * scores + bias, axis=1)[np.arange(len(labels)), labels]
        return float(-said.mean() + _BIAS_COST * (bias**2).sum())

    found = minimize(loss, np.zeros(1 + count)).x
    return np.exp(found[0]) * np.eye(count), found[1:]


def scale_each(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> Affine:
    """Return weights (labels, labels), a diagonal, and a bias (labels,), for labels (n, labels)."""
    pairs = zip(scores.T, labels.T, strict=True)
    fits = [LogisticRegression().fit(column[:, np.newaxis], applies) for column, applies in pairs]
    return np.diag([fit.coef_[0, 0] for fit in fits]), np.array([fit.intercept_[0] for fit in fits])
