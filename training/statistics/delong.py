"""
The variance of an AUC in closed form, and whether two AUCs of the same nodes differ.

The variance is DeLong's (1988, Biometrics 44:837), from midranks (Sun and Xu 2014, IEEE Signal Process. Lett. 21:1389).
Where nodes come in patients it is Obuchowski's clustered form (1997, Biometrics 53:567), which is DeLong's own where
each patient has one node.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

from imaging.roc import CONFIDENCE, Estimate, Z
from training.errors import InvalidCases


@dataclass(frozen=True, slots=True)
class Difference:
    """
    By how much one AUC exceeds another.

    Attributes:
        estimate: The difference with its interval.
        p: Of the two-sided test that there is none; None where the variance is unknown.
    """

    estimate: Estimate
    p: float | None

    def __str__(self) -> str:
        """Such as ``0.081 (0.012 to 0.150), p = 0.021``."""
        if self.p is None:
            return f"{self.estimate}, p unknown"
        return f"{self.estimate}, p {'< 0.001' if self.p < 0.001 else f'= {self.p:.3f}'}"


def auc_variance(labels: ArrayLike, scores: ArrayLike, patients: ArrayLike | None = None) -> float:
    """
    Variance of an AUC; infinite where a class has nodes of one patient only, as nothing then tells it.

    Args:
        labels: 1 metastatic, 0 benign, (nodes,).
        scores: The larger, the more metastatic, (nodes,).
        patients: Whose the nodes are; each is a patient of its own if not given.

    Raises:
        InvalidCases: a class is missing.
    """
    metastatic = np.asarray(labels).astype(bool)
    return _variance(metastatic, _placements(metastatic, scores), patients)


def auc_interval(labels: ArrayLike, scores: ArrayLike, patients: ArrayLike | None = None) -> Estimate:
    """
    AUC with its interval on the logit scale, which never leaves 0 to 1 (Pepe 2003, 5.2).

    Where every metastatic node is above every benign one the variance is 0 and says nothing. The lower end is then the
    exact binomial's for as many disjoint pairs, all of them won, as there are patients of the rarer class.

    Raises:
        InvalidCases: a class is missing.
    """
    metastatic = np.asarray(labels).astype(bool)
    placements = _placements(metastatic, scores)
    area = float(placements[metastatic].mean())
    if min(area, 1 - area) < 1e-12:
        owners = _owners(metastatic, patients)
        pairs = min(len(np.unique(owners[metastatic])), len(np.unique(owners[~metastatic])))
        end = ((1 - CONFIDENCE) / 2) ** (1 / pairs)
        return Estimate(1.0, end, 1.0) if area > 0.5 else Estimate(0.0, 0.0, 1 - end)
    reach = Z * np.sqrt(_variance(metastatic, placements, patients)) / (area * (1 - area))
    return Estimate(area, float(expit(logit(area) - reach)), float(expit(logit(area) + reach)))


def auc_difference_test(
    labels: ArrayLike, scores: ArrayLike, others: ArrayLike, patients: ArrayLike | None = None
) -> Difference:
    """
    DeLong's test of two scores of the same nodes; the interval is symmetric.

    Raises:
        InvalidCases: a class is missing.
    """
    metastatic = np.asarray(labels).astype(bool)
    # The variance is a quadratic form of the placements: that of a difference needs no covariance.
    placements = _placements(metastatic, scores) - _placements(metastatic, others)
    difference = float(placements[metastatic].mean())
    deviation = float(np.sqrt(_variance(metastatic, placements, patients)))
    if not np.ptp(placements):
        # No resample of the nodes would differ: the same order of nodes, or a constant gain, which has no variance.
        same = abs(difference) < 1e-12
        return Difference(Estimate(0.0, 0.0, 0.0), 1.0) if same else Difference(Estimate(difference, -1.0, 1.0), None)
    ends = np.clip([difference - Z * deviation, difference + Z * deviation], -1, 1)
    p = float(2 * norm.sf(abs(difference) / deviation)) if np.isfinite(deviation) else None
    return Difference(Estimate(difference, float(ends[0]), float(ends[1])), p)


def design_effect(labels: ArrayLike, scores: ArrayLike, patients: ArrayLike) -> float:
    """
    How many times larger the AUC's variance is because nodes come in patients; 1 where it cannot be told.

    Raises:
        InvalidCases: a class is missing.
    """
    alone, clustered = auc_variance(labels, scores), auc_variance(labels, scores, patients)
    return clustered / alone if 0 < alone < np.inf and clustered < np.inf else 1.0


def _placements(metastatic: NDArray[np.bool_], scores: ArrayLike) -> NDArray[np.float64]:
    """For each node the share of the other class that it is on the right side of, (nodes,); ties count half."""
    values = np.asarray(scores, dtype=np.float64)
    positive, negative = int(metastatic.sum()), int((~metastatic).sum())
    if not positive or not negative:
        raise InvalidCases("an AUC needs benign and metastatic nodes")
    ranks, found = rankdata(values), np.empty(len(values))
    found[metastatic] = (ranks[metastatic] - rankdata(values[metastatic])) / negative
    found[~metastatic] = 1 - (ranks[~metastatic] - rankdata(values[~metastatic])) / positive
    return found


def _owners(metastatic: NDArray[np.bool_], patients: ArrayLike | None) -> NDArray[np.int64]:
    """The number of each node's patient, (nodes,)."""
    if patients is None:
        return np.arange(len(metastatic))
    _, places = np.unique(np.asarray(patients), return_inverse=True)
    return np.asarray(places, dtype=np.int64)


def _variance(metastatic: NDArray[np.bool_], placements: NDArray[np.float64], patients: ArrayLike | None) -> float:
    """Obuchowski's variance of the mean placement."""
    owners = _owners(metastatic, patients)
    count = int(owners.max()) + 1
    sums, between = [], []
    for chosen in (metastatic, ~metastatic):
        own = placements[chosen]
        with_class = len(np.unique(owners[chosen]))
        if with_class < 2:
            return float("inf")
        deviations = np.bincount(owners[chosen], own - own.mean(), count) / len(own)
        sums.append(deviations)
        between.append(with_class / (with_class - 1) * float((deviations**2).sum()))
    return sum(between) + 2 * count / (count - 1) * float((sums[0] * sums[1]).sum())
