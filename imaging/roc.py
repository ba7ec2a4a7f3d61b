"""ROC analysis of nodes that come in patients."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.decision import OperatingPoint
from imaging.errors import OneClass

RESAMPLE_COUNT = 2000
CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Standard deviations to each end of a 95 % interval."""

SENSITIVITY = 0.90
"""What the operating point must reach on the patients it is chosen on: a missed metastasis costs most."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the ends of its 95 % interval."""

    value: float
    lower: float
    upper: float

    def __str__(self) -> str:
        """Such as ``0.81 (0.74 to 0.87)``."""
        return f"{self.value:.3f} ({self.lower:.3f} to {self.upper:.3f})"


@dataclass(frozen=True, slots=True)
class RocPoint:
    """
    What one threshold comes to.

    Attributes:
        threshold: Scores from here on are called metastatic; None calls no node so.
        false_positive_rate: Share of the benign nodes that are called so.
        true_positive_rate: Share of the metastatic nodes that are called so.
    """

    threshold: float | None
    false_positive_rate: float
    true_positive_rate: float


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """
    Area under the ROC curve: the chance that a metastatic node scores higher than a benign one; ties count half.

    >>> auc([0, 0, 1, 1], [1.0, 2.0, 2.0, 3.0])
    0.875
    """
    return float(_weighted_aucs(np.asarray(labels), np.asarray(scores), np.ones((1, len(np.asarray(labels)))))[0])


def auc_with_interval(labels: ArrayLike, scores: ArrayLike, patients: ArrayLike, seed: int = 0) -> Estimate:
    """
    AUC and its percentile interval from resampled patients.

    Nodes of one patient are no independent cases: whole patients are drawn with replacement (Efron and
    Tibshirani 1993; of clusters: Field and Welsh 2007, J. R. Statist. Soc. B 69:369). It allows for what Obuchowski's
    clustered form (1997, Biometrics 53:567) of DeLong's variance (1988, Biometrics 44:837) allows for.

    Raises:
        OneClass: a class is missing.
    """
    weights = resampled_patients(patients, seed)
    return estimated(auc(labels, scores), _weighted_aucs(np.asarray(labels), np.asarray(scores), weights))


def auc_difference(
    labels: ArrayLike, scores: ArrayLike, others: ArrayLike, patients: ArrayLike, seed: int = 0
) -> Estimate:
    """
    By how much the AUC of ``scores`` exceeds that of ``others`` on the same nodes; resampled in pairs.

    Raises:
        OneClass: a class is missing.
    """
    known, weights = np.asarray(labels), resampled_patients(patients, seed)
    differences = _weighted_aucs(known, np.asarray(scores), weights) - _weighted_aucs(
        known, np.asarray(others), weights
    )
    return estimated(auc(labels, scores) - auc(labels, others), differences)


def mean_with_interval(values: ArrayLike, patients: ArrayLike, seed: int = 0) -> Estimate:
    """Mean over nodes of anything that each of them has, (nodes,), with its interval from resampled patients."""
    measured, weights = np.asarray(values, dtype=np.float64), resampled_patients(patients, seed)
    return estimated(float(measured.mean()), weights @ measured / weights.sum(axis=1))


def roc_points(labels: ArrayLike, scores: ArrayLike) -> tuple[RocPoint, ...]:
    """
    The corners of the ROC curve, from the strictest threshold on; what lies on a line between two of them is left out.

    Raises:
        OneClass: a class is missing.
    """
    metastatic, values = np.asarray(labels).astype(bool), np.asarray(scores, dtype=np.float64)
    _require_both(metastatic)
    thresholds, places = np.unique(-values, return_inverse=True)
    counts = np.array([np.bincount(places[chosen], minlength=len(thresholds)) for chosen in (~metastatic, metastatic)])
    reached = np.concatenate([np.zeros((2, 1)), np.cumsum(counts, axis=1)], axis=1)
    (false, true), steps = reached / reached[:, -1:], np.diff(reached, axis=1)
    turns = steps[0, :-1] * steps[1, 1:] != steps[1, :-1] * steps[0, 1:]
    corners = np.flatnonzero(np.concatenate([[True], turns, [True]]))
    return tuple(
        RocPoint(None if n == 0 else float(-thresholds[n - 1]), float(false[n]), float(true[n])) for n in corners
    )


def rates_at(labels: ArrayLike, probabilities: ArrayLike, threshold: float) -> tuple[float, float]:
    """Sensitivity and specificity where a probability equal to the threshold is called metastatic."""
    metastatic, called = np.asarray(labels).astype(bool), np.asarray(probabilities) >= threshold
    return float(called[metastatic].mean()), float((~called[~metastatic]).mean())


def operating_point(
    labels: ArrayLike, probabilities: ArrayLike, chosen_on: str, wanted_sensitivity: float = SENSITIVITY
) -> OperatingPoint:
    """The highest threshold that reaches the wanted sensitivity, above 0 and at most 1, on these nodes."""
    of_metastatic = np.sort(np.asarray(probabilities)[np.asarray(labels).astype(bool)])
    missed = int(np.floor((1 - wanted_sensitivity) * len(of_metastatic) + 1e-9))
    threshold = float(of_metastatic[missed])
    return OperatingPoint(threshold, *rates_at(labels, probabilities, threshold), chosen_on)


def specific_threshold(labels: ArrayLike, probabilities: ArrayLike, wanted_specificity: float = SENSITIVITY) -> float:
    """The lowest threshold above a benign node's probability that reaches the wanted specificity on these nodes."""
    of_benign = np.sort(np.asarray(probabilities)[~np.asarray(labels).astype(bool)])
    right = int(np.ceil(wanted_specificity * len(of_benign) - 1e-9))
    return float(np.nextafter(of_benign[right - 1], np.inf))


def resampled_patients(patients: ArrayLike, seed: int = 0) -> NDArray[np.float64]:
    """How often each node is drawn where patients are drawn with replacement, (resamples, nodes)."""
    _, places = np.unique(np.asarray(patients), return_inverse=True)
    count = int(places.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), RESAMPLE_COUNT)
    return drawn[:, places].astype(np.float64)


def estimated(value: float, resampled: NDArray[np.float64]) -> Estimate:
    """A value with the percentiles of what it came to in resamples; those without a value (NaN) do not count."""
    tails = (1 - CONFIDENCE) / 2
    lower, upper = np.nanquantile(resampled, [tails, 1 - tails])
    return Estimate(value, float(lower), float(upper))


def _weighted_aucs(
    labels: NDArray[np.generic], scores: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The AUC under each row of weights, (resamples, nodes); NaN where a class has no weight."""
    metastatic = labels.astype(bool)
    _require_both(metastatic)
    above = scores[metastatic][:, None] - scores[~metastatic][None, :]
    wins = np.heaviside(above, 0.5)
    of_metastatic, of_benign = weights[:, metastatic], weights[:, ~metastatic]
    pairs = of_metastatic.sum(axis=1) * of_benign.sum(axis=1)
    won = ((of_metastatic @ wins) * of_benign).sum(axis=1)
    areas: NDArray[np.float64] = np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    return areas


def _require_both(metastatic: NDArray[np.bool_]) -> None:
    if metastatic.all() or not metastatic.any():
        raise OneClass("an AUC needs benign and metastatic nodes")
