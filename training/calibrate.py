"""From logits to probabilities."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from imaging.decision import Calibration

LOG_SCALE_RANGE = (-5.0, 3.0)
"""Of the slope: it must stay above 0, also where the logits say nothing."""


def calibrated(labels: ArrayLike, logits: ArrayLike, through_zero: bool = False) -> Calibration:
    """
    Platt scaling: the logistic line through the logits with the least cross-entropy (Platt 1999).

    Targets are drawn in from 0 and 1 by as much as the number of nodes warrants, so that separable data, too, give a
    finite line.

    Args:
        labels: 1 metastatic, 0 benign, (nodes,).
        logits: Of nodes that the network did not learn from, (nodes,).
        through_zero: Whether the line has no bias: temperature scaling (Guo et al. 2017).
    """
    metastatic, x = np.asarray(labels).astype(bool), np.asarray(logits, dtype=np.float64)
    positive, negative = int(metastatic.sum()), int((~metastatic).sum())
    targets = np.where(metastatic, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def cross_entropy(line: NDArray[np.float64]) -> float:
        z = np.exp(line[0]) * x + line[1]
        return float((np.logaddexp(0.0, z) - targets * z).mean())

    bounds = [LOG_SCALE_RANGE, (0.0, 0.0) if through_zero else (None, None)]
    found = minimize(cross_entropy, np.zeros(2), method="L-BFGS-B", bounds=bounds)
    return Calibration(scale=float(np.exp(found.x[0])), bias=float(found.x[1]))
