"""Whether 0.7 means 70 %."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.proportion import proportion
from imaging.roc import Estimate, estimated, resampled_patients

LARGEST_BIN_COUNT = 10
NODES_PER_BIN = 10
"""At least, where there are so many; fewer tell nothing of a share."""

PROBABILITY_RANGE = (1e-6, 1 - 1e-6)
PRIOR_DEVIATION = 10.0
"""Of a faint normal prior about perfect calibration, which keeps the line of separable answers finite."""

NEWTON_STEPS = 30
TOLERANCE = 1e-4
PERFECT_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Bin:
    """
    Nodes of about the same probability.

    Attributes:
        node_count: How many.
        mean_probability: That they were given.
        metastatic_share: How many of them are metastatic.
    """

    node_count: int
    mean_probability: float
    metastatic_share: Estimate


@dataclass(frozen=True, slots=True)
class Calibrated:
    """
    How well probabilities agree with what they are about.

    Attributes:
        brier: Mean squared error, 0 is best; with the interval of resampled patients.
        brier_of_share: Of the share of metastatic nodes, given to each node: what knowing nothing else comes to.
        expected_error: Mean distance of the bins' probabilities and shares, by nodes (ECE; Naeini et al. 2015).
        expected_error_if_perfect: What the same nodes would come to by chance if every probability were true.
        slope: Of the labels' logistic line on the logit, 1 is best, below it answers are too extreme (Cox 1958).
        intercept: With the slope held at 1, 0 is best, below it answers are too high.
        bins: The reliability curve; bins hold about equally many nodes.
    """

    brier: Estimate
    brier_of_share: float
    expected_error: float
    expected_error_if_perfect: float
    slope: Estimate
    intercept: Estimate
    bins: tuple[Bin, ...]


def calibration_of(labels: ArrayLike, probabilities: ArrayLike, patients: ArrayLike, seed: int = 0) -> Calibrated:
    """Compare probabilities with labels; slope and intercept with intervals of resampled patients."""
    known, given = np.asarray(labels, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    weights = resampled_patients(patients, seed)
    errors = (given - known) ** 2
    bounded = np.clip(given, *PROBABILITY_RANGE)
    x = np.log(bounded / (1 - bounded))
    bias = np.ones((len(known), 1))
    return Calibrated(
        brier=estimated(float(errors.mean()), (weights @ errors) / weights.sum(axis=1)),
        brier_of_share=float(known.mean() * (1 - known.mean())),
        expected_error=_expected_error(known, given, _bins(given)),
        expected_error_if_perfect=_expected_error_if_perfect(given, seed),
        slope=_recalibrated(known, x, np.column_stack([bias, x]), weights, offset=1.0),
        intercept=_recalibrated(known, x, bias, weights),
        bins=tuple(
            Bin(len(rows), float(given[rows].mean()), proportion(known[rows], np.asarray(patients)[rows]))
            for rows in _bins(given)
        ),
    )


def _bins(probabilities: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """The nodes of each bin, from the lowest probability up."""
    count = int(np.clip(len(probabilities) // NODES_PER_BIN, 1, LARGEST_BIN_COUNT))
    return np.array_split(np.argsort(probabilities, kind="stable"), count)


def _expected_error(
    labels: NDArray[np.float64], probabilities: NDArray[np.float64], bins: list[NDArray[np.int64]]
) -> float:
    return sum(abs(float((probabilities[rows] - labels[rows]).sum())) for rows in bins) / len(labels)


def _expected_error_if_perfect(probabilities: NDArray[np.float64], seed: int) -> float:
    """The mean over labels that are drawn by the probabilities themselves."""
    drawn = np.random.default_rng(seed).random((PERFECT_DRAWS, len(probabilities))) < probabilities
    errors = [np.abs((drawn[:, rows] - probabilities[rows]).sum(axis=1)) for rows in _bins(probabilities)]
    return float(np.sum(errors, axis=0).mean()) / len(probabilities)


def _recalibrated(
    labels: NDArray[np.float64],
    x: NDArray[np.float64],
    terms: NDArray[np.float64],
    weights: NDArray[np.float64],
    offset: float = 0.0,
) -> Estimate:
    """
    The factor of the last term that must be added to the logits, with the interval of resampled patients.

    Args:
        labels: 1 metastatic, 0 benign, (nodes,).
        x: Logits, (nodes,).
        terms: What may be added, (nodes, terms).
        weights: How often each node counts, (resamples, nodes).
        offset: Added to the result.
    """
    [whole] = _added(labels, x, terms, np.ones((1, len(labels))), np.zeros(terms.shape[1]))
    resampled = _added(labels, x, terms, weights, whole)
    return estimated(offset + float(whole[-1]), offset + resampled[:, -1])


def _added(
    labels: NDArray[np.float64],
    x: NDArray[np.float64],
    terms: NDArray[np.float64],
    weights: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Factors of the terms in a logistic regression on top of ``x``, (resamples, terms); Newton's method for all."""
    count = terms.shape[1]
    prior = np.eye(count) / PRIOR_DEVIATION**2
    products = (terms[:, :, None] * terms[:, None, :]).reshape(len(x), -1)
    added = np.tile(start, (len(weights), 1))
    for _ in range(NEWTON_STEPS):
        expected = (1 + np.tanh((x + added @ terms.T) / 2)) / 2  # The logistic function, without overflow.
        gradient = (weights * (labels - expected)) @ terms - added @ prior
        curvature = ((weights * expected * (1 - expected)) @ products).reshape(-1, count, count) + prior
        step = np.clip(np.linalg.solve(curvature, gradient[..., None])[..., 0], -1, 1)
        added += step
        if np.abs(step).max() < TOLERANCE:
            break
    return added
